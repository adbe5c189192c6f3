import TensorIR

/// `|x|`; the least signed integer stays as it is. The derivative at 0 is 0.
public struct Absolute: UnaryOp {
  public static let name = "absolute"
  public static let summary = "The absolute value of each element; the least signed integer wraps to itself."
  public static let elementTypes = ElementType.numbers
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    if type.element.isFloat { return .intrinsic(.absolute, [x], type) }
    if !type.element.isSigned { return x }
    return .select(.less(x, .literal(0, type)), .unary(.negate, x), x)
  }
  public func evaluate(_ x: Double) -> Double { x.magnitude }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    type.isSigned && integers[0] < 0 ? 0 &- integers[0] : integers[0]
  }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { cotangent * x.sign() }
}

extension Tensor {
  /// The absolute value of each element.
  public func absolute() -> Tensor { .one(Absolute(), self) }
}
