import Foundation
import TensorIR

/// `ln(1 + x)` without the cancellation near 0 (NumPy's `log1p`).
public struct Log1p: UnaryOp {
  public static let name = "log1p"
  public static let summary = "The natural logarithm of 1 plus each element, exact near 0."
  public static let sampled = -0.8...4
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.log1p, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.log1p(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / (x + x.like(1))
  }
}

extension Tensor {
  /// The natural logarithm of 1 plus each element, exact near 0.
  public func log1p() -> Tensor { .one(Log1p(), self) }
}
