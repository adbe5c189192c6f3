import TensorIR

/// `1 / √x`: ±∞ at ±0, NaN below. The derivative is `-y³/2`.
public struct ReciprocalSqrt: UnaryOp {
  public static let name = "reciprocal_sqrt"
  public static let summary = "1 divided by the square root of each element."
  public static let sampled = 0.1...4
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.rsqrt, [x], type) }
  public func evaluate(_ x: Double) -> Double { 1 / x.squareRoot() }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * result * result * result * x.like(-0.5)
  }
}

extension Tensor {
  /// 1 divided by the square root of each element.
  public func reciprocalSqrt() -> Tensor { .one(ReciprocalSqrt(), self) }
}
