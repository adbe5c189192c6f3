import TensorIR

/// How many elements there are of an axis whose extent is scaled: the product in f32, rounded down, as other runtimes
/// compute it. 10 elements scaled by 0.7 are 7, though the float that is nearest to 0.7 is less than it.
struct ScaledExtent {
  /// The fraction that gives the same numbers: `floor(n numerator / denominator)`.
  let numerator: Int
  let denominator: Int
  /// Up to which extent it does.
  let limit: Int

  /// Longer axes are not looked at.
  private static let longest = 1 << 20
  /// A fraction that fails below is no help.
  private static let shortest = 1 << 8

  /// The rule on a number.
  static func extent(_ extent: Int, scale: Double) -> Int {
    let product = (Float(extent) * Float(scale)).rounded(.down)
    return Int(exactly: product) ?? .max
  }

  /// The simplest fraction that is the same number in f32, or the number itself.
  static func fraction(_ scale: Double) -> Double {
    fractions(scale).first.map { Double($0.numerator) / Double($0.denominator) } ?? scale
  }

  /// The fraction for a scale; nil where none gives the same numbers as the product in f32 for all short axes.
  init?(scale: Double) {
    let candidates = ScaledExtent.fractions(scale).map { fraction in
      (fraction, limit: ScaledExtent.limit(scale, fraction.numerator, fraction.denominator))
    }
    guard let best = candidates.max(by: { $0.limit < $1.limit }), best.limit >= ScaledExtent.shortest else {
      return nil
    }
    (numerator, denominator) = best.0
    limit = best.limit
  }

  /// Whether the product is exact in f32 for all that a tensor can be: halves, quarters and whole numbers.
  var isExact: Bool { limit == ScaledExtent.longest && denominator & (denominator - 1) == 0 }

  func extent(of extent: Dimension) -> Dimension {
    (extent * Dimension(numerator)).floorDivided(by: Dimension(denominator))
  }

  /// The fractions nearest to a number, by its continued fraction, that are the same number in f32.
  private static func fractions(_ scale: Double) -> [(numerator: Int, denominator: Int)] {
    let largest = 1 << 24
    var (p, q) = ((last: 1, before: 0), (last: 0, before: 1))
    var rest = scale
    var found: [(numerator: Int, denominator: Int)] = []
    for _ in 0..<32 {
      let whole = rest.rounded(.down)
      guard let digit = Int(exactly: whole), digit < largest else { break }
      p = (digit * p.last + p.before, p.last)
      q = (digit * q.last + q.before, q.last)
      if p.last > largest || q.last > largest { break }
      if Float(Double(p.last) / Double(q.last)) == Float(scale) { found.append((p.last, q.last)) }
      if rest == whole || found.count == 4 { break }
      rest = 1 / (rest - whole)
    }
    return found
  }

  private static func limit(_ scale: Double, _ numerator: Int, _ denominator: Int) -> Int {
    let first = (1...longest).first { extent($0, scale: scale) != $0 * numerator / denominator }
    return first.map { $0 - 1 } ?? longest
  }
}

/// Whether `floor(n · (k / n))` in f32 is k, as it should be for a scale that was computed from the extents themselves:
/// 7 · (31 / 7) is 30.999998 in f32. All of it in integers, so that it can be checked when a function runs.
enum ScaleFromExtents {
  /// Mantissas below have room for what is computed of them.
  static let longest = (1 << 21) - 1

  /// 0 where it is, for k and n from 1 to ``longest``; negative otherwise.
  static func shortfall(_ k: Dimension, _ n: Dimension) -> Dimension {
    let (a, b) = (mantissa(k), mantissa(n))
    // 1 where the quotient of the mantissas is below 1, so that it is doubled.
    let isLess = Dimension.minimum(1, .maximum(0, b - a))
    // Twice the quotient plus 1, halved: rounded to nearest. It is never half way between two.
    let doubled = Dimension(1 << 24) * a * (1 + isLess) + b
    let quotient = doubled.floorDivided(by: .maximum(1, 2 * b))
    // Half of what f32 tells apart below k, which is half as much again where k is a power of two.
    let isMore = Dimension.minimum(1, .maximum(0, a - Dimension(1 << 23)))
    let margin = Dimension(1 << 21) * (1 + isMore)
    return .minimum(0, b * quotient + (1 + isLess) * (margin - Dimension(1 << 23) * a))
  }

  /// A number times the power of two that brings it to 24 bits.
  private static func mantissa(_ value: Dimension) -> Dimension {
    var power = Dimension(1)
    for bit in 1...20 {
      power = power + Dimension(1 << (bit - 1)) * .minimum(1, value.floorDivided(by: Dimension(1 << bit)))
    }
    return value * Dimension(1 << 23).floorDivided(by: power)
  }
}
