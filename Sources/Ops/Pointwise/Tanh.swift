import Foundation
import TensorIR

/// `tanh x`; the derivative is `1 - tanh² x`.
public struct Tanh: UnaryOp {
  public static let name = "tanh"
  public static let summary = "The hyperbolic tangent of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.tanh, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.tanh(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent - cotangent * result * result
  }
}

extension Tensor {
  /// The hyperbolic tangent of each element.
  public func tanh() -> Tensor { .one(Tanh(), self) }
}
