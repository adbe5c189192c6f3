import Foundation
import TensorIR

/// `cosh x = (e^x + e^-x) / 2`.
public struct Cosh: UnaryOp {
  public static let name = "cosh"
  public static let summary = "The hyperbolic cosine of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.cosh, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.cosh(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * x.sinh()
  }
}

extension Tensor {
  /// The hyperbolic cosine of each element.
  public func cosh() -> Tensor { .one(Cosh(), self) }
}
