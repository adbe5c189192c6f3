import Foundation
import TensorIR

/// `1 / (1 + e^-x)`; the derivative is `y (1 - y)`.
public struct Sigmoid: UnaryOp {
  public static let name = "sigmoid"
  public static let summary = "The logistic function of each element, 1 / (1 + exp(-x))."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.sigmoid, [x], type) }
  public func evaluate(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * result * (result.like(1) - result)
  }
}

extension Tensor {
  /// The logistic function of each element, 1 / (1 + exp(-x)).
  public func sigmoid() -> Tensor { .one(Sigmoid(), self) }
}
