import Foundation
import TensorIR

/// `log₁₀ x`: -∞ at 0, NaN below.
public struct Log10: UnaryOp {
  public static let name = "log10"
  public static let summary = "The logarithm of each element to base 10."
  public static let sampled = 0.1...4
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.log10, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.log10(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / (x * x.like(Foundation.log(10)))
  }
}

extension Tensor {
  /// The logarithm of each element to base 10.
  public func log10() -> Tensor { .one(Log10(), self) }
}
