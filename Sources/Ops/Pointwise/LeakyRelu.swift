import TensorIR

/// `x` where it is positive, `alpha x` elsewhere (ONNX `LeakyRelu`).
public struct LeakyRelu: UnaryOp {
  public static let name = "leaky_relu"
  public static let summary = "Each element where it is positive, alpha times the element elsewhere."
  @Exact public var alpha: Double
  public init(alpha: Double = 0.01) { self.alpha = alpha }

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    .select(.binary(.greater, x, .number(0, type)), x, x * .number(alpha, type))
  }
  public func evaluate(_ x: Double) -> Double { x > 0 ? x : alpha * x }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    Tensor.select(x .> x.like(0), cotangent, cotangent * cotangent.like(alpha))
  }
}

extension Tensor {
  /// Each element where it is positive, `alpha` times the element elsewhere.
  public func leakyRelu(alpha: Double = 0.01) -> Tensor { .one(LeakyRelu(alpha: alpha), self) }
}
