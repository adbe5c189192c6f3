import Foundation
import TensorIR

/// `artanh x = ln((1 + x) / (1 - x)) / 2`, without the cancellation near 0; ±∞ at ±1, NaN beyond. The derivative is
/// `1 / ((1 - x)(1 + x))`.
public struct Atanh: UnaryOp {
  public static let name = "atanh"
  public static let summary = "The inverse hyperbolic tangent of each element; infinite at ±1, NaN beyond."
  public static let sampled = -0.9...0.9
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.atanh, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.atanh(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / ((x.like(1) - x) * (x.like(1) + x))
  }
}

extension Tensor {
  /// The inverse hyperbolic tangent of each element; infinite at ±1, NaN beyond.
  public func atanh() -> Tensor { .one(Atanh(), self) }
}
