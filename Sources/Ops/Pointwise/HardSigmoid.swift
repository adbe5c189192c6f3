import TensorIR

/// `max(0, min(1, alpha x + beta))` (ONNX `HardSigmoid`); the derivative is alpha strictly between the bounds.
public struct HardSigmoid: UnaryOp {
  public static let name = "hard_sigmoid"
  public static let summary =
    "A line through the logistic function, cut off at 0 and 1: max(0, min(1, alpha x + beta))."
  @Exact public var alpha: Double
  @Exact public var beta: Double
  public init(alpha: Double = 0.2, beta: Double = 0.5) {
    self.alpha = alpha
    self.beta = beta
  }

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    let line = x * .number(alpha, type) + .number(beta, type)
    return .greater(of: .number(0, type), .lesser(of: .number(1, type), line, type), type)
  }
  public func evaluate(_ x: Double) -> Double { x.isNaN ? x : Swift.max(0, Swift.min(1, alpha * x + beta)) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    let inside = (result .> result.like(0)) .& (result .< result.like(1))
    return Tensor.select(inside, cotangent * cotangent.like(alpha), cotangent.like(0))
  }
}

extension Tensor {
  /// `max(0, min(1, alpha x + beta))`.
  public func hardSigmoid(alpha: Double = 0.2, beta: Double = 0.5) -> Tensor {
    .one(HardSigmoid(alpha: alpha, beta: beta), self)
  }
}
