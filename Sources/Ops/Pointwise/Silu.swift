import Foundation
import TensorIR

/// `x / (1 + e^-x)`, the sigmoid-weighted linear unit, also called swish.
public struct Silu: UnaryOp {
  public static let name = "silu"
  public static let summary = "Each element times its sigmoid; also called swish."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { x * .intrinsic(.sigmoid, [x], type) }
  public func evaluate(_ x: Double) -> Double { x == -.infinity ? .nan : x / (1 + Foundation.exp(-x)) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    let sigmoid = x.sigmoid()
    return cotangent * (sigmoid + result * (x.like(1) - sigmoid))
  }
}

extension Tensor {
  /// Each element times its sigmoid.
  public func silu() -> Tensor { .one(Silu(), self) }
}
