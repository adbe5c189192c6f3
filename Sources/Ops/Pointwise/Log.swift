import Foundation
import TensorIR

/// `ln x`; -inf at 0, NaN below.
public struct Log: UnaryOp {
  public static let name = "log"
  public static let summary = "The natural logarithm of each element."
  public static let sampled = 0.1...4
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.log, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.log(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / x
  }
}

extension Tensor {
  /// The natural logarithm of each element.
  public func log() -> Tensor { .one(Log(), self) }
}
