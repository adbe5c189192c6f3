import Foundation
import TensorIR

/// `arcsin x`, from -π/2 to π/2; NaN outside [-1, 1]. The derivative is `1 / √((1 - x)(1 + x))`.
public struct Asin: UnaryOp {
  public static let name = "asin"
  public static let summary = "The angle whose sine each element is, in radians; NaN beyond -1 and 1."
  public static let sampled = -0.9...0.9
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.asin, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.asin(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / ((x.like(1) - x) * (x.like(1) + x)).sqrt()
  }
}

extension Tensor {
  /// The angle whose sine each element is, in radians, from -π/2 to π/2; NaN outside [-1, 1].
  public func asin() -> Tensor { .one(Asin(), self) }
}
