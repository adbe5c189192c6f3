import Foundation
import TensorIR

/// `ln(1 / (1 + e^-x))`, computed as `min(x, 0) - ln(1 + e^-|x|)`, which neither overflows nor loses small results. The
/// derivative is the sigmoid of -x.
public struct LogSigmoid: UnaryOp {
  public static let name = "log_sigmoid"
  public static let summary = "The logarithm of the sigmoid of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    let power = Expression.intrinsic(.exp, [.unary(.negate, .intrinsic(.absolute, [x], type))], type)
    return .lesser(of: x, .number(0, type), type) - .intrinsic(.log1p, [power], type)
  }
  public func evaluate(_ x: Double) -> Double { x < -40 ? x : 0 - Foundation.log1p(Foundation.exp(-x)) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * (-x).sigmoid()
  }
}

extension Tensor {
  /// The logarithm of the sigmoid of each element.
  public func logSigmoid() -> Tensor { .one(LogSigmoid(), self) }
}
