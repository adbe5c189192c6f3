import TensorData

extension DataType {
  /// The element type for ONNX's, or nil where it has none here: text, complex numbers, floats of eight bits and fewer,
  /// integers of two.
  init?(_ type: Onnx_TensorProto.DataType) {
    guard let match = DataType.allCases.first(where: { Onnx_TensorProto.DataType($0) == type }) else { return nil }
    self = match
  }

  /// The element type for ONNX's.
  /// - Throws: `OnnxError`, naming a type that is not supported.
  static func supported(_ type: Onnx_TensorProto.DataType) throws -> DataType {
    if let known = DataType(type) { return known }
    if type == .undefined {
      throw OnnxError(id: "onnx-element-type", message: "no element type is given")
    }
    throw OnnxError(id: "onnx-element-type", message: "elements of type \(type.onnxName) are not supported")
  }
}

extension Onnx_TensorProto.DataType {
  /// ONNX's name for an element type.
  init(_ type: DataType) {
    switch type {
    case .f64: self = .double
    case .f32: self = .float
    case .f16: self = .float16
    case .bf16: self = .bfloat16
    case .i8: self = .int8
    case .i16: self = .int16
    case .i32: self = .int32
    case .i64: self = .int64
    case .u8: self = .uint8
    case .u16: self = .uint16
    case .u32: self = .uint32
    case .u64: self = .uint64
    case .bool: self = .bool
    case .i4: self = .int4
    case .u4: self = .uint4
    }
  }

  /// The type as ONNX's documentation spells it, or its number where it is unknown.
  var onnxName: String {
    if case .UNRECOGNIZED(let number) = self { return "number \(number)" }
    return "\(self)".uppercased()
  }
}
