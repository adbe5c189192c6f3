import Foundation
import TensorIR

/// `sinh x = (e^x - e^-x) / 2`, without the cancellation near 0.
public struct Sinh: UnaryOp {
  public static let name = "sinh"
  public static let summary = "The hyperbolic sine of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.sinh, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.sinh(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * x.cosh()
  }
}

extension Tensor {
  /// The hyperbolic sine of each element.
  public func sinh() -> Tensor { .one(Sinh(), self) }
}
