import Foundation
import TensorIR

extension ReferenceTensor {
  /// Reads a literal.
  public init(_ literal: TensorLiteral) {
    let count = literal.count
    let type = literal.elementType
    if type.isFloat {
      let numbers = (0..<count).map { index -> Double in
        switch type {
        case .f64: literal.element(index, as: Double.self)
        case .f32: Double(literal.element(index, as: Float.self))
        case .f16: ReferenceTensor.half(literal.element(index, as: UInt16.self))
        default: Double(Float(bitPattern: UInt32(literal.element(index, as: UInt16.self)) << 16))
        }
      }
      self.init(type, literal.shape, floats: numbers)
    } else {
      self.init(type, literal.shape, integers: (0..<count).map { ReferenceTensor.integer(literal, $0) })
    }
  }

  /// The tensor as a literal.
  public var literal: TensorLiteral {
    var data = Data(capacity: elementType.byteCount(of: count))
    func put<T>(_ value: T) { withUnsafeBytes(of: value) { data.append(contentsOf: $0) } }
    switch elementType {
    case .f64: floats.forEach { put($0) }
    case .f32: floats.forEach { put(Float($0)) }
    case .f16: floats.forEach { put(ReferenceTensor.halfBits($0)) }
    case .bf16: floats.forEach { put(UInt16(truncatingIfNeeded: Float($0).bitPattern >> 16)) }
    case .i64, .u64: integers.forEach { put(Int64($0)) }
    case .i32, .u32: integers.forEach { put(Int32(truncatingIfNeeded: $0)) }
    case .i16, .u16: integers.forEach { put(Int16(truncatingIfNeeded: $0)) }
    case .i8, .u8, .bool: integers.forEach { put(Int8(truncatingIfNeeded: $0)) }
    case .i4, .u4:
      for index in stride(from: 0, to: count, by: 2) {
        let high = index + 1 < count ? integers[index + 1] & 15 : 0
        put(UInt8(integers[index] & 15 | high << 4))
      }
    }
    return TensorLiteral(elementType, shape: shape, bytes: data)
      ?? TensorLiteral(elementType, shape: [0], bytes: Data()).unsafelyUnwrapped
  }

  private static func integer(_ literal: TensorLiteral, _ index: Int) -> Int {
    switch literal.elementType {
    case .i64, .u64: return Int(literal.element(index, as: Int64.self))
    case .i32: return Int(literal.element(index, as: Int32.self))
    case .u32: return Int(literal.element(index, as: UInt32.self))
    case .i16: return Int(literal.element(index, as: Int16.self))
    case .u16: return Int(literal.element(index, as: UInt16.self))
    case .i8: return Int(literal.element(index, as: Int8.self))
    case .i4, .u4:
      let byte = Int(literal.element(index / 2, as: UInt8.self))
      return Rounding.wrap(index % 2 == 0 ? byte & 15 : byte >> 4, to: literal.elementType)
    default: return Int(literal.element(index, as: UInt8.self))
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
