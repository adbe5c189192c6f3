import Foundation
import TensorIR

/// `x` where it is positive, `alpha (e^x - 1)` elsewhere (ONNX `Elu`).
public struct Elu: UnaryOp {
  public static let name = "elu"
  public static let summary = "Each element where it is positive, alpha (exp(x) - 1) elsewhere."
  @Exact public var alpha: Double
  public init(alpha: Double = 1) { self.alpha = alpha }

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    .select(.binary(.greater, x, .number(0, type)), x, .intrinsic(.expm1, [x], type) * .number(alpha, type))
  }
  public func evaluate(_ x: Double) -> Double { x > 0 ? x : alpha * Foundation.expm1(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    Tensor.select(x .> x.like(0), cotangent, cotangent * (result + result.like(alpha)))
  }
}

extension Tensor {
  /// Each element where it is positive, `alpha (e^x - 1)` elsewhere.
  public func elu(alpha: Double = 1) -> Tensor { .one(Elu(alpha: alpha), self) }
}
