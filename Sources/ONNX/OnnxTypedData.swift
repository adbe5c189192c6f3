import Foundation
import TensorData

/// Reads the elements of a tensor from the repeated field of its type instead of `raw_data`.
///
/// Types under 32 bits stand one to an `int32_data` entry, f16 and bf16 as their bits, i4 and u4 two to an entry.
enum OnnxTypedData {
  static func bytes(_ proto: Onnx_TensorProto, type: DataType, count: Int) throws -> Data {
    switch type {
    case .f32: return try whole(proto.floatData, count: count, field: "float_data")
    case .f64: return try whole(proto.doubleData, count: count, field: "double_data")
    case .i64: return try whole(proto.int64Data, count: count, field: "int64_data")
    case .u64: return try whole(proto.uint64Data, count: count, field: "uint64_data")
    case .i32: return try whole(proto.int32Data, count: count, field: "int32_data")
    case .u32: return try narrowed(proto.uint64Data, in: 0...UInt64(UInt32.max), to: UInt32.self, count: count, type)
    case .u16: return try narrowed(proto.int32Data, in: 0...0xFFFF, to: UInt16.self, count: count, type)
    case .i16: return try narrowed(proto.int32Data, in: -0x8000...0x7FFF, to: UInt16.self, count: count, type)
    // The bits; some writers extend their sign.
    case .f16, .bf16: return try narrowed(proto.int32Data, in: -0x8000...0xFFFF, to: UInt16.self, count: count, type)
    case .u8: return try narrowed(proto.int32Data, in: 0...0xFF, to: UInt8.self, count: count, type)
    case .i8: return try narrowed(proto.int32Data, in: -0x80...0x7F, to: UInt8.self, count: count, type)
    case .bool: return try narrowed(proto.int32Data, in: -0x80...0xFF, to: UInt8.self, count: count, type)
    case .i4, .u4:
      return try narrowed(proto.int32Data, in: -0x80...0xFF, to: UInt8.self, count: count / 2 + count % 2, type)
    }
  }

  private static func whole<Element: BitwiseCopyable>(
    _ field: [Element], count: Int, field name: String
  ) throws -> Data {
    try check(field.count, count: count, field: name)
    return field.withUnsafeBytes { Data($0) }
  }

  private static func narrowed<Wide: FixedWidthInteger, Narrow: FixedWidthInteger & BitwiseCopyable>(
    _ field: [Wide], in range: ClosedRange<Wide>, to narrow: Narrow.Type, count: Int, _ type: DataType
  ) throws -> Data {
    try check(field.count, count: count, field: Wide.isSigned ? "int32_data" : "uint64_data")
    if let outlier = field.first(where: { !range.contains($0) }) {
      throw OnnxError(id: "onnx-element-range", message: "\(outlier) does not fit an element of type \(type.rawValue)")
    }
    return field.map { Narrow(truncatingIfNeeded: $0) }.withUnsafeBytes { Data($0) }
  }

  private static func check(_ present: Int, count: Int, field: String) throws {
    guard present == count else {
      throw OnnxError(
        id: "onnx-size-mismatch",
        message: "its shape needs \(count) entries of \(field) or as much raw_data, but \(present) are there")
    }
  }
}
