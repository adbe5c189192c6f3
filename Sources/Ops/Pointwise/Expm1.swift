import Foundation
import TensorIR

/// `e^x - 1` without the cancellation near 0 (NumPy's `expm1`).
public struct Expm1: UnaryOp {
  public static let name = "expm1"
  public static let summary = "e to the power of each element, minus 1, exact near 0."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.expm1, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.expm1(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * (result + result.like(1))
  }
}

extension Tensor {
  /// e to the power of each element, minus 1, exact near 0.
  public func expm1() -> Tensor { .one(Expm1(), self) }
}
