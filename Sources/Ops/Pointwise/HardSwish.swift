import TensorIR

/// `x max(0, min(1, x/6 + 1/2))` (ONNX `HardSwish`); the derivative is `x/3 + 1/2` between -3 and 3, 1 above, 0
/// below.
public struct HardSwish: UnaryOp {
  public static let name = "hard_swish"
  public static let summary =
    "Each element times a line through the logistic function: x max(0, min(1, x/6 + 1/2))."
  public static let sampled = -5...5
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    let line = x * .number(1.0 / 6, type) + .number(0.5, type)
    return x * .greater(of: .number(0, type), .lesser(of: .number(1, type), line, type), type)
  }
  public func evaluate(_ x: Double) -> Double { x.isNaN ? x : x * Swift.max(0, Swift.min(1, x / 6 + 0.5)) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    let line = cotangent * (x * x.like(1.0 / 3) + x.like(0.5))
    let below = Tensor.select(x .> x.like(-3), line, cotangent.like(0))
    return Tensor.select(x .< x.like(3), below, cotangent)
  }
}

extension Tensor {
  /// `x max(0, min(1, x/6 + 1/2))` of each element x.
  public func hardSwish() -> Tensor { .one(HardSwish(), self) }
}
