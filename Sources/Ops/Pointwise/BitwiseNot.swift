import TensorIR

/// `~x` of an integer, in two's complement: `-1 - x` if it is signed.
public struct BitwiseNot: UnaryOp {
  public static let name = "bitwise_not"
  public static let summary = "The bits that each element does not have."
  public static let elementTypes = ElementType.integers
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .unary(.bitNot, x) }
  /// Floats have no bits to turn: NaN.
  public func evaluate(_ x: Double) -> Double { .nan }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { ~integers[0] }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { nil }
}

extension Tensor {
  /// The bits that each element does not have. Integers alone.
  public func bitwiseNot() -> Tensor { .one(BitwiseNot(), self) }
}
