import TensorIR

/// `a >= b`, as bool; with NaN false.
public struct GreaterEqual: ComparisonOp {
  public static let name = "greater_equal"
  public static let summary = "Whether each element of the first tensor is at least the second's."
  public static let comparison = BinaryOperator.greaterEqual
  public init() {}
  public func evaluate(_ a: Double, _ b: Double) -> Bool { a >= b }
  public func evaluate(_ a: Int, _ b: Int) -> Bool { a >= b }
}

extension Tensor {
  /// Whether each element of the first tensor is at least the second's.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { one(GreaterEqual(), a, b) }
}
