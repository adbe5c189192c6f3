import Foundation
import TensorData

/// An element type of ONNX that is storage alone: floats of eight and four bits, integers of two. Inside a function their
/// numbers stand in a type that holds all of them exactly; what crosses the boundary of the model is their bits.
enum SmallFormat: CaseIterable, Equatable, Sendable {
  case e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, e8m0, e2m1
  case i2, u2

  init?(_ type: Onnx_TensorProto.DataType) {
    switch type {
    case .float8E4M3Fn: self = .e4m3fn
    case .float8E4M3Fnuz: self = .e4m3fnuz
    case .float8E5M2: self = .e5m2
    case .float8E5M2Fnuz: self = .e5m2fnuz
    case .float8E8M0: self = .e8m0
    case .float4E2M1: self = .e2m1
    case .int2: self = .i2
    case .uint2: self = .u2
    default: return nil
    }
  }

  /// The type of the numbers inside a function.
  var carrier: DataType {
    switch self {
    case .e4m3fn, .e4m3fnuz, .e5m2, .e5m2fnuz, .e2m1: .f16
    // Powers of two from 2^-127 to 2^127.
    case .e8m0: .bf16
    case .i2: .i8
    case .u2: .u8
    }
  }

  /// The type of the bits at the boundary; integers of two bits stand there one to a byte, as the numbers that they are.
  var stored: DataType {
    switch self {
    case .e4m3fn, .e4m3fnuz, .e5m2, .e5m2fnuz, .e8m0, .u2: .u8
    case .e2m1: .u4
    case .i2: .i8
    }
  }

  var isFloat: Bool { self != .i2 && self != .u2 }

  /// How many elements a byte of a file holds.
  var perByte: Int {
    switch self {
    case .i2, .u2: 4
    case .e2m1: 2
    default: 1
    }
  }

  // MARK: Floats

  var mantissaBits: Int {
    switch self {
    case .e4m3fn, .e4m3fnuz: 3
    case .e5m2, .e5m2fnuz: 2
    case .e2m1: 1
    case .e8m0, .i2, .u2: 0
    }
  }

  var exponentBits: Int {
    switch self {
    case .e4m3fn, .e4m3fnuz: 4
    case .e5m2, .e5m2fnuz: 5
    case .e2m1: 2
    case .e8m0: 8
    case .i2, .u2: 0
    }
  }

  var bias: Int {
    switch self {
    case .e4m3fn: 7
    case .e4m3fnuz: 8
    case .e5m2: 15
    case .e5m2fnuz: 16
    case .e2m1: 1
    case .e8m0: 127
    case .i2, .u2: 0
    }
  }

  /// The greatest number.
  var greatest: Double {
    switch self {
    case .e4m3fn: 448
    case .e4m3fnuz: 240
    case .e5m2, .e5m2fnuz: 57344
    case .e2m1: 6
    case .e8m0: 0x1p127
    case .i2: 1
    case .u2: 3
    }
  }

  /// The code of what is no number, the first one without a sign; nil where there is none.
  var codeOfNaN: Int? {
    switch self {
    case .e4m3fn: 0x7F
    case .e5m2: 0x7E
    case .e4m3fnuz, .e5m2fnuz: 0x80
    case .e8m0: 0xFF
    case .e2m1, .i2, .u2: nil
    }
  }

  /// Whether what is no number keeps the sign of what it comes from.
  var hasSignOfNaN: Bool { self == .e4m3fn || self == .e5m2 }
  /// Whether it has no negative zero.
  var hasOneZero: Bool { self == .e4m3fnuz || self == .e5m2fnuz }
  var hasInfinity: Bool { self == .e5m2 }

  /// The number that a code stands for.
  func number(_ code: Int) -> Double {
    switch self {
    case .i2: return Double(code & 2 != 0 ? code - 4 : code)
    case .u2: return Double(code)
    case .e8m0: return code == 0xFF ? .nan : Double(sign: .plus, exponent: code - 127, significand: 1)
    default: break
    }
    let (m, e) = (mantissaBits, exponentBits)
    if hasOneZero, code == 1 << (m + e) { return .nan }
    let sign: FloatingPointSign = code >> (m + e) & 1 == 0 ? .plus : .minus
    let (exponent, fraction) = (code >> m & (1 << e - 1), code & (1 << m - 1))
    if self == .e4m3fn, code & 0x7F == 0x7F { return .nan }
    if hasInfinity, exponent == 1 << e - 1 {
      return fraction == 0 ? Double(signOf: sign == .plus ? 1 : -1, magnitudeOf: .infinity) : .nan
    }
    let significand = Double(fraction) / Double(1 << m) + (exponent == 0 ? 0 : 1)
    return Double(sign: sign, exponent: max(exponent, 1) - bias, significand: significand)
  }

  /// The codes in bytes of a file, one for each element.
  private func codes(_ bytes: Data, count: Int) -> [UInt8] {
    let width = 8 / perByte
    return (0..<count).map { index in
      bytes[bytes.startIndex + index / perByte] >> UInt8(index % perByte * width) & UInt8(1 << width - 1)
    }
  }

  /// A tensor of the file as it crosses the boundary of a function.
  func bits(_ bytes: Data, shape: [Int]) throws -> HostTensor {
    let count = try HostTensor.elementCount(shape: shape)
    if isFloat { return try HostTensor(type: stored, shape: shape, bytes: bytes) }
    return try HostTensor(
      type: stored, shape: shape,
      bytes: Data(codes(bytes, count: count).map { UInt8(truncatingIfNeeded: Int(number(Int($0)))) }))
  }

  /// A tensor of the file as it stands inside a function.
  func numbers(_ bytes: Data, shape: [Int]) throws -> HostTensor {
    guard isFloat else { return try bits(bytes, shape: shape) }
    let table = (0..<256).map { code -> UInt16 in
      let value = number(code % (1 << (8 / perByte)))
      return carrier == .f16 ? Float16(value).bitPattern : UInt16(Float(value).bitPattern >> 16)
    }
    let values = try codes(bytes, count: HostTensor.elementCount(shape: shape)).map { table[Int($0)] }
    return try HostTensor(type: carrier, shape: shape, bytes: values.withUnsafeBytes { Data($0) })
  }
}
