import Foundation
import TensorIR

/// `arsinh x = ln(x + √(x² + 1))`, without the cancellation near 0. The derivative is `1 / √(x² + 1)`.
public struct Asinh: UnaryOp {
  public static let name = "asinh"
  public static let summary = "The inverse hyperbolic sine of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.asinh, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.asinh(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    // The root of the sum of squares does not overflow as the squares do.
    cotangent / .hypot(x, x.like(1))
  }
}

extension Tensor {
  /// The inverse hyperbolic sine of each element.
  public func asinh() -> Tensor { .one(Asinh(), self) }
}
