import Foundation
import TensorIR

/// `ln(1 + e^x)`, computed as `max(x, 0) + ln(1 + e^-|x|)`, which does not overflow. The derivative is the sigmoid.
public struct Softplus: UnaryOp {
  public static let name = "softplus"
  public static let summary = "A smooth form of relu: the logarithm of 1 + exp(x)."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    let power = Expression.intrinsic(.exp, [.unary(.negate, .intrinsic(.absolute, [x], type))], type)
    return .greater(of: x, .number(0, type), type) + .intrinsic(.log1p, [power], type)
  }
  public func evaluate(_ x: Double) -> Double { x > 40 ? x : Foundation.log1p(Foundation.exp(x)) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { cotangent * x.sigmoid() }
}

extension Tensor {
  /// The logarithm of 1 + exp(x) of each element x.
  public func softplus() -> Tensor { .one(Softplus(), self) }
}
