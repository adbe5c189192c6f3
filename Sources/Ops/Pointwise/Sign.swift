import TensorIR

/// 1 above 0, -1 below, 0 at 0, NaN at NaN. Its gradient is 0.
public struct Sign: UnaryOp {
  public static let name = "sign"
  public static let summary = "1 where an element is positive, -1 where negative, else the element: 0 or NaN."
  public static let elementTypes = ElementType.numbers
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    let zero = Expression.constant(0, type)
    let rest = type.element.isSigned ? Expression.select(.less(x, zero), .constant(-1, type), x) : x
    return .select(.binary(.greater, x, zero), .constant(1, type), rest)
  }
  public func evaluate(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : x }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    type.isSigned ? integers[0].signum() : integers[0] == 0 ? 0 : 1
  }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { nil }
}

extension Tensor {
  /// 1 where an element is positive, -1 where it is negative, else the element itself.
  public func sign() -> Tensor { .one(Sign(), self) }
}
