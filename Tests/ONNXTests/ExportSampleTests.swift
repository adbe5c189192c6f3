import Foundation
import TensorData
import TensorIR
import TensorONNX
import TensorOps
import TestSamples
import TestSupport
import Testing

/// Every op's samples as ONNX models: read back and evaluated they give what the op gives. With `TENSORC_EXPORT_DIR` the
/// models and what they are to give are written there, for scripts/acceptance/onnx_export.py.
@Suite struct ExportSampleTests {
  /// Ops of which no sample can be written, each with a reason in ``ExportTable``.
  static let refused: Set<String> = [
    "random_bits", "bit_cast", "packed_constant", "reorder", "gate_panels", "recurrent_sequence",
    "winograd_convolution", "winograd_filter_gradient", "filter_gradient",
  ]

  @Test func everyOpIsWrittenAndReadBack() throws {
    var written: Set<String> = []
    for (name, samples) in Dictionary(grouping: OpSamples.selected, by: \.op.name).sorted(by: { $0.key < $1.key }) {
      // Some of each op, from first to last; all of those that are asked for.
      let step = OpSelection.chosen.isAll ? max(1, samples.count / 5) : 1
      for (number, sample) in samples.enumerated() where number % step == 0 {
        if sample.operands.contains(where: \.isWide) { continue }
        let function = try Self.function(of: sample)
        let export: OnnxExport
        do { export = try OnnxExport(function) } catch {
          // ONNX multiplies bytes, and no integers of 16 bits by them.
          let isWide = sample.op is MatmulInteger && sample.types[0].elementType == .i16
          #expect(isWide || Self.refused.contains(name), "\(sample): \(error)")
          continue
        }
        written.insert(name)
        try Self.check(sample, function, export, "\(name)-\(number)")
      }
    }
    #expect(written.isDisjoint(with: Self.refused))
    #expect(!OpSelection.chosen.isAll || written.count >= 140)
  }

  private static func function(of sample: OpSample) throws -> Function {
    let trace = TraceRecorder(name: "main")
    let operands = zip(sample.operands, sample.types).enumerated().map { number, operand in
      operand.0.isAbsent ? Tensor.absent : trace.parameter(operand.1, name: "x\(number)")
    }
    let results = try trace.add(sample.op, operands)
    return try trace.finish(results, names: results.indices.map { "y\($0)" })
  }

  private static func check(_ sample: OpSample, _ function: Function, _ export: OnnxExport, _ name: String) throws {
    let bytes = try export.encoded()
    let expected = try Evaluator.run(function, sample.inputs)
    let back = try Importer(OnnxModel(bytes: bytes, name: name)).function()
    let found = try Evaluator.run(back, sample.inputs)
    for (own, other) in zip(expected, found) {
      let isClose = own.elementType == other.elementType && own.shape == other.shape && isNear(own, other)
      #expect(isClose, "\(name), \(sample): \(own) and, as ONNX, \(other)")
    }
    try writeIfAsked(bytes, sample.inputs, expected, name)
  }

  /// Writes a model with its inputs and outputs, where `TENSORC_EXPORT_DIR` says so.
  static func writeIfAsked(
    _ model: Data, _ inputs: [ReferenceTensor], _ outputs: [ReferenceTensor], _ name: String
  ) throws {
    guard let directory = ProcessInfo.processInfo.environment["TENSORC_EXPORT_DIR"] else { return }
    try write(model, inputs, outputs, to: URL(fileURLWithPath: directory).appendingPathComponent(name))
  }

  static func isNear(_ a: ReferenceTensor, _ b: ReferenceTensor) -> Bool {
    if !a.elementType.isFloat { return a.integers == b.integers }
    let epsilon: Double
    switch a.elementType {
    case .f64: epsilon = 1e-12
    case .f32: epsilon = 1e-5
    case .f16: epsilon = 2e-3
    default: epsilon = 2e-2
    }
    return zip(a.floats, b.floats).allSatisfy {
      $0 == $1 || $0.isNaN && $1.isNaN || abs($0 - $1) <= epsilon * (1 + abs($0))
    }
  }

  private static func write(
    _ model: Data, _ inputs: [ReferenceTensor], _ outputs: [ReferenceTensor], to directory: URL
  ) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try model.write(to: directory.appendingPathComponent("model.onnx"))
    for (stem, tensors) in [("input", inputs), ("output", outputs)] {
      for (number, tensor) in tensors.enumerated() {
        let literal = tensor.literal
        // NumPy has no bf16: its bits.
        guard let type = DataType(rawValue: literal.elementType == .bf16 ? "u16" : literal.elementType.rawValue) else {
          continue
        }
        let stored = try HostTensor(type: type, shape: literal.shape, bytes: literal.bytes)
        try NpyFile.write(stored, to: directory.appendingPathComponent("\(stem)_\(number).npy").path)
      }
    }
  }
}
