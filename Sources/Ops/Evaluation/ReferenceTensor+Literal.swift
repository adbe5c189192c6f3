import Foundation
import TensorIR

extension ReferenceTensor {
  /// Reads a literal.
  public init(_ literal: TensorLiteral) {
    let (type, shape) = (literal.elementType, literal.shape)
    switch type {
    case .f64: self.init(type, shape, rounded: literal.elements(as: Double.self) { $0 })
    case .f32: self.init(type, shape, rounded: literal.elements(as: Float.self) { Double($0) })
    case .f16: self.init(type, shape, rounded: literal.elements(as: UInt16.self, ReferenceTensor.half))
    case .bf16:
      self.init(
        type, shape,
        rounded: literal.elements(as: UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) })
    case .i64, .u64: self.init(type, shape, integers: literal.elements(as: Int64.self) { Int($0) })
    case .i32: self.init(type, shape, integers: literal.elements(as: Int32.self) { Int($0) })
    case .u32: self.init(type, shape, integers: literal.elements(as: UInt32.self) { Int($0) })
    case .i16: self.init(type, shape, integers: literal.elements(as: Int16.self) { Int($0) })
    case .u16: self.init(type, shape, integers: literal.elements(as: UInt16.self) { Int($0) })
    case .i8: self.init(type, shape, integers: literal.elements(as: Int8.self) { Int($0) })
    case .u8, .bool: self.init(type, shape, integers: literal.elements(as: UInt8.self) { Int($0) })
    case .i4, .u4:
      let nibbles = literal.elements(as: UInt8.self) { [Int($0 & 15), Int($0 >> 4)] }.flatMap { $0 }
      self.init(type, shape, integers: Array(nibbles.prefix(literal.count)))
    }
  }

  /// The tensor as a literal.
  public var literal: TensorLiteral {
    TensorLiteral(elementType, shape: shape, bytes: bytes)
      ?? TensorLiteral(elementType, shape: [0], bytes: Data()).unsafelyUnwrapped
  }

  private var bytes: Data {
    switch elementType {
    case .f64: TensorLiteral.bytes(floats) { $0 }
    case .f32: TensorLiteral.bytes(floats) { Float($0) }
    case .f16: TensorLiteral.bytes(floats, ReferenceTensor.halfBits)
    case .bf16: TensorLiteral.bytes(floats) { UInt16(truncatingIfNeeded: Float($0).bitPattern >> 16) }
    case .i64, .u64: TensorLiteral.bytes(integers) { Int64($0) }
    case .i32, .u32: TensorLiteral.bytes(integers) { Int32(truncatingIfNeeded: $0) }
    case .i16, .u16: TensorLiteral.bytes(integers) { Int16(truncatingIfNeeded: $0) }
    case .i8, .u8, .bool: TensorLiteral.bytes(integers) { Int8(truncatingIfNeeded: $0) }
    case .i4, .u4:
      TensorLiteral.bytes(Array(stride(from: 0, to: count, by: 2))) { index in
        let high = index + 1 < count ? integers[index + 1] & 15 : 0
        return UInt8(integers[index] & 15 | high << 4)
      }
    }
  }

  /// The value of an IEEE binary16 pattern; Swift has no such type on every platform.
  public static func half(_ bits: UInt16) -> Double {
    let exponent = Int(bits >> 10) & 31
    let fraction = Double(bits & 1023)
    let sign: Double = bits >> 15 == 0 ? 1 : -1
    if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
    return exponent == 0 ? sign * scalbn(fraction, -24) : sign * scalbn(1024 + fraction, exponent - 25)
  }

  /// The pattern of a value that is already rounded to binary16.
  static func halfBits(_ value: Double) -> UInt16 {
    let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
    if value.isNaN { return sign | 0x7e00 }
    let magnitude = abs(value)
    if magnitude > 65504 { return sign | 0x7c00 }
    if magnitude < scalbn(1, -14) { return sign | UInt16(scalbn(magnitude, 24)) }
    let exponent = Int(magnitude.exponent)
    return sign | UInt16(exponent + 15) << 10 | UInt16(scalbn(magnitude, 10 - exponent) - 1024)
  }
}
