import Foundation
import TensorIR

/// The angle of the point (b, a) from the first axis, `arctan(a / b)` in the right quadrant (C's and NumPy's `arctan2`):
/// from -π to π, signed zeros and infinities as in C. Derivatives: `b / (a² + b²)` and `-a / (a² + b²)`, 0 at the origin.
public struct Atan2: BinaryOp {
  public static let name = "atan2"
  public static let summary = "The angle of the point whose height is the first element and whose width is the second."
  public static let elementTypes = ElementType.floats
  public static let sampled = 0.3...2
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .intrinsic(.atan2, [a, b], type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double { Foundation.atan2(a, b) }

  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    let distance = Tensor.hypot(a, b)
    // 0 / 1 at the origin, rather than 0 / 0.
    let divisor = Tensor.select(distance .== distance.like(0), distance.like(1), distance)
    let change = cotangent / divisor
    return (change * (b / divisor), -(change * (a / divisor)))
  }
}

extension Tensor {
  /// The angle of the point (b, a) from the first axis, from -π to π.
  public static func atan2(_ a: Tensor, _ b: Tensor) -> Tensor { one(Atan2(), a, b) }
}
