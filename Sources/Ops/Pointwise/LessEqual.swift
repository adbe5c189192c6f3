import TensorIR

/// `a <= b`, as bool; with NaN false.
public struct LessEqual: ComparisonOp {
  public static let name = "less_equal"
  public static let summary = "Whether each element of the first tensor is at most the second's."
  public static let comparison = BinaryOperator.lessEqual
  public init() {}
  public func evaluate(_ a: Double, _ b: Double) -> Bool { a <= b }
  public func evaluate(_ a: Int, _ b: Int) -> Bool { a <= b }
}

extension Tensor {
  /// Whether each element of the first tensor is at most the second's.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { one(LessEqual(), a, b) }
}
