import Foundation
import TensorIR
import TensorOps
import TensorRuntime

// The three forms of a tensor's elements: HostArray in memory, TensorLiteral in a function, ReferenceTensor in the
// evaluator. The element types of the IR and of the runtime, which knows nothing of the IR, have the same names.

extension ElementType {
  var hostType: HostArray.ElementType {
    switch self {
    case .f64: .f64
    case .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    case .i8: .i8
    case .i16: .i16
    case .i32: .i32
    case .i64: .i64
    case .u8: .u8
    case .u16: .u16
    case .u32: .u32
    case .u64: .u64
    case .bool: .bool
    case .i4: .i4
    case .u4: .u4
    }
  }

  init(_ type: HostArray.ElementType) {
    self =
      switch type {
      case .f64: .f64
      case .f32: .f32
      case .f16: .f16
      case .bf16: .bf16
      case .i8: .i8
      case .i16: .i16
      case .i32: .i32
      case .i64: .i64
      case .u8: .u8
      case .u16: .u16
      case .u32: .u32
      case .u64: .u64
      case .bool: .bool
      case .i4: .i4
      case .u4: .u4
      }
  }
}

extension HostArray {
  var tensorType: TensorType { TensorType(TensorIR.ElementType(elementType), shape.map { Dimension($0) }) }

  /// The elements as a constant of a function.
  var literal: TensorLiteral {
    get throws {
      let data = try withUnsafeBytes { Data($0) }
      guard let literal = TensorLiteral(TensorIR.ElementType(elementType), shape: shape, bytes: data) else {
        throw Diagnostic("internal", "\(self) does not hold its elements")
      }
      return literal
    }
  }

  init(_ literal: TensorLiteral) throws {
    self = try literal.bytes.withUnsafeBytes { bytes in
      try HostArray(bytes: bytes, shape: literal.shape, literal.elementType.hostType)
    }
  }

  init(_ tensor: ReferenceTensor) throws { try self.init(tensor.literal) }
}

extension ReferenceTensor {
  init(_ array: HostArray) throws { self.init(try array.literal) }
}
