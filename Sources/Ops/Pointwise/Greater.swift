import TensorIR

/// `a > b`, as bool.
public struct Greater: ComparisonOp {
  public static let name = "greater"
  public static let summary = "Whether each element of the first tensor is greater than the second's."
  public static let comparison = BinaryOperator.greater
  public init() {}
  public func evaluate(_ a: Double, _ b: Double) -> Bool { a > b }
  public func evaluate(_ a: Int, _ b: Int) -> Bool { a > b }
}
