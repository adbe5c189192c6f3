import Foundation

/// Intrinsics on one lane.
extension LaneArithmetic {
  static func call(_ intrinsic: Intrinsic, _ x: [UInt64], _ from: ElementType, _ to: ElementType) throws -> UInt64 {
    if intrinsic == .saturate { return saturated(float(x[0], from), to) }
    if from.isFloat { return try floats(intrinsic, x, from) }
    return canonical(try integers(intrinsic, x, from), to)
  }

  /// a·b + c of f32, lane by lane, rounded once.
  static func fused(_ a: [UInt64], _ b: [UInt64], _ c: [UInt64]) -> [UInt64] {
    var result = c
    for lane in result.indices {
      let sum = single(c[lane]).addingProduct(single(a[lane]), single(b[lane]))
      result[lane] = UInt64(sum.bitPattern)
    }
    return result
  }

  private static func single(_ bits: UInt64) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits)) }

  private static func integers(_ intrinsic: Intrinsic, _ x: [UInt64], _ element: ElementType) throws -> UInt64 {
    let isSigned = element.isSigned
    let a = Int64(bitPattern: x[0])
    if intrinsic == .absolute { return isSigned ? UInt64(bitPattern: a < 0 ? 0 &- a : a) : x[0] }
    if intrinsic == .widen { return half(x[0], 0) & 0xffff | half(x[0], 8) << 16 }
    let b = Int64(bitPattern: x[1])
    if intrinsic == .dot4 { return dot(x[0], x[1], x[2]) }
    if intrinsic == .dot2 { return shorts(x[0], x[1], x[2]) }
    let rest = remainder(a, b, isSigned)
    let crosses = isSigned && rest != 0 && (Int64(bitPattern: rest) < 0) != (b < 0)
    switch intrinsic {
    case .divide: return quotient(a, b, isSigned)
    case .floordiv: return quotient(a, b, isSigned) &- (crosses ? 1 : 0)
    case .rem: return rest
    case .remainder: return crosses ? rest &+ x[1] : rest
    case .minimum: return (isSigned ? a < b : x[0] < x[1]) ? x[0] : x[1]
    case .maximum: return (isSigned ? a > b : x[0] > x[1]) ? x[0] : x[1]
    case .pow: return power(x[0], x[1], isSigned)
    default: throw LoopFault("'\(intrinsic)' of integers")
    }
  }

  private static func dot(_ a: UInt64, _ b: UInt64, _ sum: UInt64) -> UInt64 {
    (0..<4).reduce(sum) { sum, byte in
      let product = Int(a >> UInt64(8 * byte) & 255) * Int(Int8(truncatingIfNeeded: b >> UInt64(8 * byte)))
      return sum &+ UInt64(bitPattern: Int64(product))
    }
  }

  /// A signed byte of a word.
  private static func half(_ word: UInt64, _ place: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: word >> place)))
  }

  private static func shorts(_ a: UInt64, _ b: UInt64, _ sum: UInt64) -> UInt64 {
    [0, 16].reduce(sum) { sum, place in
      let product = Int(Int16(truncatingIfNeeded: a >> place)) * Int(Int16(truncatingIfNeeded: b >> place))
      return sum &+ UInt64(bitPattern: Int64(product))
    }
  }

  /// The products of a block of words of two bf16, added to a sum as ``TileMultiplication`` says.
  static func tile(_ a: [UInt64], _ b: [UInt64], _ sum: UInt64) -> UInt64 {
    var (low, high): (Float, Float) = (0, 0)
    for (x, y) in zip(a, b) {
      low = low.addingProduct(single(x << 16), single(y << 16))
      high = high.addingProduct(single(x & 0xffff_0000), single(y & 0xffff_0000))
    }
    return UInt64((single(sum) + (low + high)).bitPattern)
  }

  private static func pair(_ a: UInt64, _ b: UInt64, _ sum: UInt64) -> UInt64 {
    let high = single(sum).addingProduct(single(a & 0xffff_0000), single(b & 0xffff_0000))
    return UInt64(high.addingProduct(single(a << 16), single(b << 16)).bitPattern)
  }

  private static func power(_ a: UInt64, _ b: UInt64, _ isSigned: Bool) -> UInt64 {
    if isSigned, Int64(bitPattern: b) < 0 {
      return a == 1 ? 1 : a == .max ? (b & 1 == 1 ? .max : 1) : 0
    }
    var (power, square, rest): (UInt64, UInt64, UInt64) = (1, a, b)
    while rest != 0 {
      if rest & 1 == 1 { power = power &* square }
      rest >>= 1
      square = square &* square
    }
    return power
  }

  /// Those that IEEE 754 fixes are done in the type; the others in f64 and rounded, which may differ from the prelude's
  /// series in the last bits: see ``Intrinsic/Declaration/isExact``. Of f64 both ask the C library.
  private static func floats(_ intrinsic: Intrinsic, _ x: [UInt64], _ element: ElementType) throws -> UInt64 {
    if intrinsic == .dot2 { return pair(x[0], x[1], x[2]) }
    if element == .f64 {
      let values = x.map { Double(bitPattern: $0) }
      if let value = exact(intrinsic, values) { return value.bitPattern }
    } else {
      let values = x.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
      if let value = exact(intrinsic, values) { return UInt64(value.bitPattern) }
    }
    return bits(try series(intrinsic, x.map { float($0, element) }), element)
  }

  private static func exact<T: BinaryFloatingPoint>(_ intrinsic: Intrinsic, _ x: [T]) -> T? {
    switch intrinsic {
    case .sqrt: return x[0].squareRoot()
    case .rsqrt: return 1 / x[0].squareRoot()
    case .floor: return x[0].rounded(.down)
    case .ceil: return x[0].rounded(.up)
    case .round: return x[0].rounded(.toNearestOrEven)
    case .truncate: return x[0].rounded(.towardZero)
    case .fma: return x[2].addingProduct(x[0], x[1])
    case .above: return x[1] < x[0] ? x[0] : x[1]
    case .below: return x[0] < x[1] ? x[0] : x[1]
    case .maximum: return x[0].isNaN ? x[0] : x[1] < x[0] ? x[0] : x[1]
    case .minimum: return x[0].isNaN ? x[0] : x[0] < x[1] ? x[0] : x[1]
    case .absolute: return x[0].magnitude
    case .fmod: return x[0].truncatingRemainder(dividingBy: x[1])
    case .remainder:
      let rest = x[0].truncatingRemainder(dividingBy: x[1])
      if rest == 0 { return T(signOf: x[1], magnitudeOf: rest) }
      return (rest < 0) != (x[1] < 0) ? rest + x[1] : rest
    default: return nil
    }
  }

  private static func series(_ intrinsic: Intrinsic, _ x: [Double]) throws -> Double {
    if let function = unarySeries[intrinsic] { return function(x[0]) }
    switch intrinsic {
    case .pow: return Foundation.pow(x[0], x[1])
    case .atan2: return Foundation.atan2(x[0], x[1])
    case .hypot: return Foundation.hypot(x[0], x[1])
    default: throw LoopFault("'\(intrinsic)' of floats")
    }
  }

  private static let unarySeries: [Intrinsic: @Sendable (Double) -> Double] = [
    .exp: { Foundation.exp($0) }, .expNonpositive: { Foundation.exp($0) }, .exp2: { Foundation.exp2($0) },
    .exp2Nonpositive: { Foundation.exp2($0) }, .expm1: { Foundation.expm1($0) },
    .log: { Foundation.log($0) }, .log2: { Foundation.log2($0) }, .log10: { Foundation.log10($0) },
    .log1p: { Foundation.log1p($0) }, .sigmoid: { 1 / (1 + Foundation.exp(-$0)) }, .erf: { Foundation.erf($0) },
    .sin: { Foundation.sin($0) }, .cos: { Foundation.cos($0) }, .tan: { Foundation.tan($0) },
    .asin: { Foundation.asin($0) }, .acos: { Foundation.acos($0) }, .atan: { Foundation.atan($0) },
    .sinh: { Foundation.sinh($0) }, .cosh: { Foundation.cosh($0) }, .tanh: { Foundation.tanh($0) },
    .asinh: { Foundation.asinh($0) }, .acosh: { Foundation.acosh($0) }, .atanh: { Foundation.atanh($0) },
  ]
}
