import TensorIR

/// Whether an element is not a number: `x != x`.
public struct IsNaN: PredicateOp {
  public static let name = "is_nan"
  public static let summary = "Whether each element is NaN."
  public init() {}

  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    .binary(.notEqual, operands[0], operands[0])
  }
  public func evaluate(_ x: Double) -> Bool { x.isNaN }
}

extension Tensor {
  /// Whether each element is NaN.
  public func isNaN() -> Tensor { .one(IsNaN(), self) }
}
