import TensorIR

/// `-x`; integers wrap.
public struct Negate: UnaryOp {
  public static let name = "negate"
  public static let summary = "The negative of each element; integers wrap around."
  public static let elementTypes = ElementType.numbers
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .unary(.negate, x) }
  public func evaluate(_ x: Double) -> Double { -x }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { 0 &- integers[0] }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { -cotangent }
}
