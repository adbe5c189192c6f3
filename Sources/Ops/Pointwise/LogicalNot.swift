import TensorIR

/// `!x` of a bool.
public struct LogicalNot: UnaryOp {
  public static let name = "logical_not"
  public static let summary = "Whether each element is false."
  public static let elementTypes: [ElementType] = [.bool]
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .unary(.logicalNot, x) }
  public func evaluate(_ x: Double) -> Double { x == 0 ? 1 : 0 }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { 1 - integers[0] }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { nil }
}

extension Tensor {
  /// Whether each element is false.
  public static prefix func .! (x: Tensor) -> Tensor { one(LogicalNot(), x) }
}
