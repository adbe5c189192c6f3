import Foundation
import TensorIR

/// `x tanh(ln(1 + e^x))` (Misra, 2019; ONNX `Mish`).
public struct Mish: UnaryOp {
  public static let name = "mish"
  public static let summary = "Each element times the hyperbolic tangent of its softplus."
  public init() {}

  /// With `t = e^-|x|`, which cannot overflow, the tangent is `(1 + 2t) / (1 + 2t + 2t²)` where x is positive and
  /// `(t² + 2t) / (t² + 2t + 2)` elsewhere.
  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    let t = Expression.intrinsic(.exp, [.unary(.negate, .intrinsic(.absolute, [x], type))], type)
    let (square, twice) = (t * t, t + t)
    let above = Expression.binary(.greater, x, .number(0, type))
    let part = .select(above, .number(1, type), square) + twice
    return x * .binary(.divide, part, part + .select(above, square + square, .number(2, type)))
  }
  public func evaluate(_ x: Double) -> Double { x * Foundation.tanh(Foundation.log1p(Foundation.exp(x))) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    let bent = x.softplus().tanh()
    return cotangent * (bent + x * x.sigmoid() * (x.like(1) - bent * bent))
  }
}

extension Tensor {
  /// Each element times the hyperbolic tangent of its softplus.
  public func mish() -> Tensor { .one(Mish(), self) }
}
