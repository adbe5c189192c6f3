import TensorIR

/// `a != b`, as bool; with NaN true.
public struct NotEqual: ComparisonOp {
  public static let name = "not_equal"
  public static let summary = "Whether each element of the first tensor differs from the second's."
  public static let comparison = BinaryOperator.notEqual
  public init() {}
  public func evaluate(_ a: Double, _ b: Double) -> Bool { a != b }
  public func evaluate(_ a: Int, _ b: Int) -> Bool { a != b }
}

extension Tensor {
  /// Whether each element of the first tensor differs from the second's.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { one(NotEqual(), a, b) }
}
