import Foundation
import TensorIR

/// `sin x`.
public struct Sin: UnaryOp {
  public static let name = "sin"
  public static let summary = "The sine of each element, in radians."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.sin, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.sin(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * x.cos()
  }
}

extension Tensor {
  /// The sine of each element, in radians.
  public func sin() -> Tensor { .one(Sin(), self) }
}
