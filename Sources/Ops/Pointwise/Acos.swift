import Foundation
import TensorIR

/// `arccos x`, from 0 to π; NaN outside [-1, 1]. The derivative is `-1 / √((1 - x)(1 + x))`.
public struct Acos: UnaryOp {
  public static let name = "acos"
  public static let summary = "The angle whose cosine each element is, in radians; NaN beyond -1 and 1."
  public static let sampled = -0.9...0.9
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.acos, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.acos(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    -(cotangent / ((x.like(1) - x) * (x.like(1) + x)).sqrt())
  }
}

extension Tensor {
  /// The angle whose cosine each element is, in radians, from 0 to π; NaN outside [-1, 1].
  public func acos() -> Tensor { .one(Acos(), self) }
}
