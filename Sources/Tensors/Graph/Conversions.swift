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

  init(_ tensor: ReferenceTensor) throws {
    switch tensor.elementType {
    case .f32: try self.init(tensor.floats.map { Float($0) }, shape: tensor.shape)
    case .f64: try self.init(tensor.floats, shape: tensor.shape)
    case .i64: try self.init(tensor.integers, shape: tensor.shape)
    default: try self.init(tensor.literal)
    }
  }
}

extension ReferenceTensor {
  init(_ array: HostArray) throws {
    switch array.elementType {
    case .f32: self.init(.f32, array.shape, floats: try array.elements(as: Float.self).map { Double($0) })
    case .f64: self.init(.f64, array.shape, floats: try array.elements(as: Double.self))
    case .i64: self.init(.i64, array.shape, integers: try array.elements(as: Int.self))
    default: self.init(try array.literal)
    }
  }
}
