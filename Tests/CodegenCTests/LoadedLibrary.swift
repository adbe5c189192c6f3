import Foundation
import TensorABI
import TensorIR

@testable import TensorCodegenC

/// A compiled library, opened and called through the ABI.
final class LoadedLibrary {
  let table: tensorc_library
  let model: OpaquePointer

  enum Failure: Error { case cannotOpen(String), noTable, noModel(String) }

  init(_ url: URL) throws {
    guard let handle = dlopen(url.path, RTLD_NOW) else { throw Failure.cannotOpen(String(cString: dlerror())) }
    typealias Entry = @convention(c) () -> UnsafePointer<tensorc_library>?
    guard let symbol = dlsym(handle, "tensorc_library_v1"),
      let table = unsafeBitCast(symbol, to: Entry.self)()
    else { throw Failure.noTable }
    self.table = table.pointee
    var error = tensorc_error()
    error.size = UInt64(MemoryLayout<tensorc_error>.size)
    guard let model = self.table.create(nil, &error) else { throw Failure.noModel("\(error.code)") }
    self.model = model
  }

  struct Tensor {
    var bytes: [UInt8]
    var element: Int32
    var dimensions: [Int64]

    static func floats(_ values: [Float], _ dimensions: [Int]) -> Tensor {
      Tensor(
        bytes: values.withUnsafeBytes { Array($0) }, element: Int32(TENSORC_F32.rawValue),
        dimensions: dimensions.map(Int64.init))
    }

    var floats: [Float] { bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } }
  }

  /// Runs with outputs of the sizes that the library bounds; gives the code and the outputs.
  func run(_ inputs: [Tensor], outputs: [Tensor], threads: Int32 = 0) -> (code: Int32, id: String, outputs: [Tensor]) {
    var inputs = inputs
    var outputs = outputs
    var error = tensorc_error()
    error.size = UInt64(MemoryLayout<tensorc_error>.size)
    var code: Int32 = 0
    withTensors(&inputs) { inputTensors in
      withTensors(&outputs) { outputTensors in
        var call = tensorc_call()
        call.size = UInt64(MemoryLayout<tensorc_call>.size)
        call.inputs = UnsafePointer(inputTensors.baseAddress)
        call.outputs = outputTensors.baseAddress
        call.input_count = UInt32(inputTensors.count)
        call.output_count = UInt32(outputTensors.count)
        call.threads = threads
        var bytes: UInt64 = 0
        code = table.workspace_size(model, &call, &bytes, &error)
        if code != 0 { return }
        let workspace = UnsafeMutableRawPointer.allocate(byteCount: Int(bytes) + 1, alignment: 1)
        defer { workspace.deallocate() }
        call.workspace = workspace
        call.workspace_size = bytes
        code = table.run(model, &call, &error)
      }
    }
    let id = withUnsafeBytes(of: error.id) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return (code, id, outputs)
  }

  private func withTensors(
    _ tensors: inout [Tensor], _ body: (UnsafeMutableBufferPointer<tensorc_tensor>) -> Void
  ) {
    var records: [tensorc_tensor] = []
    var memory: [(UnsafeMutableRawPointer, UnsafeMutablePointer<Int64>)] = []
    for tensor in tensors {
      let data = UnsafeMutableRawPointer.allocate(byteCount: max(tensor.bytes.count, 1), alignment: 1)
      data.copyMemory(from: tensor.bytes, byteCount: tensor.bytes.count)
      let dimensions = UnsafeMutablePointer<Int64>.allocate(capacity: max(tensor.dimensions.count, 1))
      dimensions.update(from: tensor.dimensions, count: tensor.dimensions.count)
      memory.append((data, dimensions))
      records.append(
        tensorc_tensor(
          data: data, capacity: UInt64(tensor.bytes.count), element_type: tensor.element,
          rank: Int32(tensor.dimensions.count), dimensions: dimensions, strides: nil))
    }
    records.withUnsafeMutableBufferPointer { body($0) }
    for (index, (data, dimensions)) in memory.enumerated() {
      tensors[index].bytes = Array(UnsafeRawBufferPointer(start: data, count: tensors[index].bytes.count))
      tensors[index].dimensions = (0..<tensors[index].dimensions.count).map { dimensions[$0] }
      data.deallocate()
      dimensions.deallocate()
    }
  }
}
