import Foundation
import SwiftProtobuf
import TensorData
import TestSupport
import Testing

@testable import TensorONNX

private func decode(_ proto: Onnx_TensorProto) throws -> HostTensor {
  try OnnxTensorDecoder(externalData: nil).decode(proto).numbers()
}

private func tensor(
  _ type: Onnx_TensorProto.DataType, _ dims: [Int64], _ edit: (inout Onnx_TensorProto) -> Void = { _ in }
) -> Onnx_TensorProto {
  var proto = Onnx_TensorProto()
  proto.name = "t"
  proto.dataType = type
  proto.dims = dims
  edit(&proto)
  return proto
}

private func expectError(_ id: String, _ proto: Onnx_TensorProto, at location: SourceLocation = #_sourceLocation) {
  let error = #expect(throws: OnnxError.self, sourceLocation: location) { try decode(proto) }
  #expect(error?.id == id, sourceLocation: location)
  #expect(error?.message.hasPrefix("tensor 't': ") == true, sourceLocation: location)
}

@Suite struct TensorTests {
  @Test func decodesTypedFields() throws {
    #expect(try decode(tensor(.float, [2]) { $0.floatData = [1, -2] }).elements(as: Float.self) == [1, -2])
    #expect(try decode(tensor(.double, [2]) { $0.doubleData = [1, -2] }).elements(as: Double.self) == [1, -2])
    #expect(try decode(tensor(.int64, [2]) { $0.int64Data = [1, .min] }).elements(as: Int64.self) == [1, .min])
    #expect(try decode(tensor(.uint64, [1]) { $0.uint64Data = [.max] }).elements(as: UInt64.self) == [.max])
    #expect(try decode(tensor(.uint32, [1]) { $0.uint64Data = [0xFFFF_FFFF] }).elements(as: UInt32.self) == [.max])
    #expect(try decode(tensor(.int32, [1]) { $0.int32Data = [-5] }).elements(as: Int32.self) == [-5])
    #expect(try decode(tensor(.int16, [1]) { $0.int32Data = [-5] }).elements(as: Int16.self) == [-5])
    #expect(try decode(tensor(.uint16, [1]) { $0.int32Data = [65535] }).elements(as: UInt16.self) == [.max])
    #expect(try decode(tensor(.int8, [2]) { $0.int32Data = [-5, 127] }).elements(as: Int8.self) == [-5, 127])
    #expect(try decode(tensor(.uint8, [1]) { $0.int32Data = [255] }).elements(as: UInt8.self) == [255])
    #expect(try decode(tensor(.bool, [3]) { $0.int32Data = [0, 1, 7] }).elements(as: UInt8.self) == [0, 1, 1])
    #expect(try decode(tensor(.float16, [1]) { $0.int32Data = [0x3C00] }).elements(as: UInt16.self) == [0x3C00])
    #expect(try decode(tensor(.bfloat16, [1]) { $0.int32Data = [-1] }).elements(as: UInt16.self) == [0xFFFF])
    #expect(try decode(tensor(.int4, [3]) { $0.int32Data = [0x21, 0x0F] }).bytes == Data([0x21, 0x0F]))
  }

  @Test(arguments: DataType.allCases, [[], [0], [5], [3, 0, 2], [2, 3]])
  func roundTripsThroughBytes(_ type: DataType, _ shape: [Int]) throws {
    let size = try HostTensor.byteCount(type: type, shape: shape)
    let original = try HostTensor(type: type, shape: shape, bytes: Data((0..<size).map { UInt8($0 % 2) }))
    let written = try OnnxTensor(name: "t", value: .numbers(original)).serialized()
    #expect(try OnnxTensor(serialized: written) == OnnxTensor(name: "t", value: .numbers(original)))
  }

  @Test func text() throws {
    let original = OnnxTensor(name: "t", value: .strings(["a", "", "é"], shape: [3, 1]))
    #expect(try OnnxTensor(serialized: original.serialized()) == original)
    #expect(throws: OnnxError.self) { try original.numbers() }
    expectError("onnx-string", tensor(.string, [1]) { $0.stringData = [Data([0xFF])] })
    expectError("onnx-size-mismatch", tensor(.string, [2]) { $0.stringData = [Data()] })
  }

  @Test func truthValuesAreNormalised() throws {
    #expect(try decode(tensor(.bool, [3]) { $0.rawData = Data([0, 255, 1]) }).bytes == Data([0, 1, 1]))
  }

  @Test func refusesWhatDoesNotFit() {
    expectError("tensor-size-mismatch", tensor(.float, [2]) { $0.rawData = Data(count: 7) })
    expectError("onnx-size-mismatch", tensor(.float, [2]) { $0.floatData = [1] })
    expectError("onnx-size-mismatch", tensor(.float, [2]))
    expectError("onnx-size-mismatch", tensor(.float, [2]) { $0.doubleData = [1, 2] })
    expectError("onnx-element-range", tensor(.uint8, [1]) { $0.int32Data = [-1] })
    expectError("onnx-element-range", tensor(.uint32, [1]) { $0.uint64Data = [1 << 32] })
    expectError("tensor-negative-extent", tensor(.float, [-1]))
    expectError("tensor-overflow", tensor(.float, [.max, .max]))
    expectError("tensor-overflow", tensor(.float, [.max]))
    expectError("onnx-element-type", tensor(.undefined, []))
    expectError("onnx-element-type", tensor(.complex64, []))
    expectError("onnx-element-type", tensor(.UNRECOGNIZED(99), []))
    expectError("onnx-segment", tensor(.float, []) { $0.segment.end = 4 })
    expectError("onnx-external-refused", tensor(.float, []) { $0.dataLocation = .external })
    expectError("onnx-data-location", tensor(.float, []) { $0.dataLocation = .UNRECOGNIZED(2) })
  }

  @Test func unsupportedTypesAreNamed() {
    let error = #expect(throws: OnnxError.self) { try decode(tensor(.float6E2M3, [])) }
    #expect(error?.message.contains("FLOAT6E2M3") == true)
  }

  @Test func damagedTensorsNeverTrap() throws {
    let bytes = try tensor(.int16, [2, 2]) { $0.int32Data = [1, 2, 3, 4] }.serializedData()
    var generator = Mutations(seed: 3)
    for _ in 0..<2000 { _ = try? OnnxTensor(serialized: generator.mutated(bytes)) }
    for length in 0..<bytes.count { _ = try? OnnxTensor(serialized: bytes.prefix(length)) }
  }
}

@Suite struct SparseTensorTests {
  private func sparse(_ indices: [Int64], _ indexDims: [Int64], dims: [Int64]) -> Onnx_SparseTensorProto {
    var proto = Onnx_SparseTensorProto()
    proto.values = floats("s", [2], [5, 6])
    proto.indices = tensor(.int64, indexDims) { $0.int64Data = indices }
    proto.dims = dims
    return proto
  }

  private func dense(_ proto: Onnx_SparseTensorProto) throws -> [Float] {
    try OnnxTensorDecoder(externalData: nil).decode(proto).numbers().elements(as: Float.self)
  }

  @Test func isMadeDense() throws {
    #expect(try dense(sparse([1, 5], [2], dims: [2, 3])) == [0, 5, 0, 0, 0, 6])
    #expect(try dense(sparse([0, 1, 1, 2], [2, 2], dims: [2, 3])) == [0, 5, 0, 0, 0, 6])
  }

  @Test(
    arguments: [
      ([1, 6], [2], [2, 3]), ([-1, 0], [2], [2, 3]), ([0, 3, 0, 0], [2, 2], [2, 3]), ([1], [1], [2, 3]),
      ([0, 0], [2], [1 << 40]), ([0, 0], [2], [-6]),
    ] as [([Int64], [Int64], [Int64])])
  func refusesBadOnes(_ indices: [Int64], _ indexDims: [Int64], _ dims: [Int64]) {
    #expect(throws: OnnxError.self) { try dense(sparse(indices, indexDims, dims: dims)) }
  }
}
