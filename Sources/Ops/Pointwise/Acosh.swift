import Foundation
import TensorIR

/// `arcosh x = ln(x + √(x² - 1))`, at least 0; NaN below 1. The derivative is `1 / √((x - 1)(x + 1))`.
public struct Acosh: UnaryOp {
  public static let name = "acosh"
  public static let summary = "The inverse hyperbolic cosine of each element; NaN below 1."
  public static let sampled = 1.2...5
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.acosh, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.acosh(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / ((x - x.like(1)).sqrt() * (x + x.like(1)).sqrt())
  }
}

extension Tensor {
  /// The inverse hyperbolic cosine of each element; NaN below 1.
  public func acosh() -> Tensor { .one(Acosh(), self) }
}
