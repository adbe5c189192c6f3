import Foundation
import TensorIR

/// `√(a² + b²)` without overflow between (C's and NumPy's `hypot`): infinite where one operand is, even beside NaN.
/// Derivatives: `a / √(a² + b²)` and `b / √(a² + b²)`, 0 at the origin.
public struct Hypot: BinaryOp {
  public static let name = "hypot"
  public static let summary = "The root of the sum of both elements' squares, without overflow between."
  public static let elementTypes = ElementType.floats
  public static let sampled = 0.3...2
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .intrinsic(.hypot, [a, b], type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double { Foundation.hypot(a, b) }

  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    // 0 / 1 at the origin, rather than 0 / 0.
    let divisor = Tensor.select(result .== result.like(0), result.like(1), result)
    return (cotangent * (a / divisor), cotangent * (b / divisor))
  }
}

extension Tensor {
  /// The root of the sum of both elements' squares, without overflow between.
  public static func hypot(_ a: Tensor, _ b: Tensor) -> Tensor { one(Hypot(), a, b) }
}
