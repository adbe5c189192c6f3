import Foundation
import TensorIR

/// `2^x`.
public struct Exp2: UnaryOp {
  public static let name = "exp2"
  public static let summary = "2 to the power of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.exp2, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.exp2(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * result * x.like(Foundation.log(2))
  }
}

extension Tensor {
  /// 2 to the power of each element.
  public func exp2() -> Tensor { .one(Exp2(), self) }
}
