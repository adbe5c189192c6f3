import TensorIR

/// `a | b` of integers, in two's complement; of bools there is the logical one.
public struct BitwiseOr: BinaryOp {
  public static let name = "bitwise_or"
  public static let summary = "The bits that one of the elements has, or both."
  public static let elementTypes = ElementType.integers
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.bitOr, a, b) }
  /// Floats have no bits to combine: NaN.
  public func evaluate(_ a: Double, _ b: Double) -> Double { .nan }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { integers[0] | integers[1] }
  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    (nil, nil)
  }
}

extension Tensor {
  /// The bits that one of the elements has, or both. Integers alone.
  public static func bitwiseOr(_ a: Tensor, _ b: Tensor) -> Tensor { one(BitwiseOr(), a, b) }
}
