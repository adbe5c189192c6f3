import Foundation
import TensorIR

/// `a^b` of floats. Derivatives: `b a^(b-1)`, 0 where b is 0, and `a^b ln a`, 0 where a is 0.
public struct Power: BinaryOp {
  public static let name = "power"
  public static let summary = "Each element of the first tensor to the power of the second's."
  public static let elementTypes = ElementType.floats
  public static let sampled = 0.3...2
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .call("pow", [a, b], type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double { Foundation.pow(a, b) }

  public func derivatives(
    _ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor
  ) -> (Tensor?, Tensor?) {
    let zero = cotangent.like(0)
    let slope = cotangent * b * a.power(b - b.like(1))
    // 0 · ∞ stands in neither derivative: a power of 0 is constant, and the logarithm is only taken off 0.
    let positive = Tensor.select(a .== a.like(0), a.like(1), a)
    return (Tensor.select(b .== b.like(0), zero, slope), cotangent * result * positive.log())
  }
}

extension Tensor {
  /// Each element to the power of the exponent's.
  public func power(_ exponent: Tensor) -> Tensor { .one(Power(), self, exponent) }
}
