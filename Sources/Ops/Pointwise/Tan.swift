import Foundation
import TensorIR

/// `tan x`; the derivative is `1 + tan² x`.
public struct Tan: UnaryOp {
  public static let name = "tan"
  public static let summary = "The tangent of each element, in radians."
  public static let sampled = -1.2...1.2
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.tan, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.tan(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent + cotangent * result * result
  }
}

extension Tensor {
  /// The tangent of each element, in radians.
  public func tan() -> Tensor { .one(Tan(), self) }
}
