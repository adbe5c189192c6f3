import TensorIR

/// `1 / x`; the derivative is `-1 / x²`.
public struct Reciprocal: UnaryOp {
  public static let name = "reciprocal"
  public static let summary = "1 divided by each element."
  public static let sampled = 0.3...3
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    .binary(.divide, .number(1, type), x)
  }
  public func evaluate(_ x: Double) -> Double { 1 / x }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    -(cotangent * result * result)
  }
}

extension Tensor {
  /// 1 divided by each element.
  public func reciprocal() -> Tensor { .one(Reciprocal(), self) }
}
