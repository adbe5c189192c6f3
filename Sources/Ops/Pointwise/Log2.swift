import Foundation
import TensorIR

/// `log₂ x`: -∞ at 0, NaN below.
public struct Log2: UnaryOp {
  public static let name = "log2"
  public static let summary = "The logarithm of each element to base 2."
  public static let sampled = 0.1...4
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.log2, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.log2(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / (x * x.like(Foundation.log(2)))
  }
}

extension Tensor {
  /// The logarithm of each element to base 2.
  public func log2() -> Tensor { .one(Log2(), self) }
}
