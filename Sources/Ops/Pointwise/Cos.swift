import Foundation
import TensorIR

/// `cos x`.
public struct Cos: UnaryOp {
  public static let name = "cos"
  public static let summary = "The cosine of each element, in radians."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.cos, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.cos(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    -(cotangent * x.sin())
  }
}

extension Tensor {
  /// The cosine of each element, in radians.
  public func cos() -> Tensor { .one(Cos(), self) }
}
