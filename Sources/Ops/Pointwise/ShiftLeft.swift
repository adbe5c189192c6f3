import TensorIR

/// `a · 2^b` of integers, wrapping: bits move up, zeros come in below. Where the count is negative or at least the
/// type's width all bits are shifted out, which leaves 0.
public struct ShiftLeft: BinaryOp {
  public static let name = "shift_left"
  public static let summary =
    "Each element's bits moved up by the second's; 0 by a negative count or by the width or more."
  public static let elementTypes = ElementType.integers
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.shiftLeft, a, b) }
  /// Floats have no bits to shift: NaN.
  public func evaluate(_ a: Double, _ b: Double) -> Double { .nan }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    (0..<type.bitWidth).contains(integers[1]) ? integers[0] &<< integers[1] : 0
  }
  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    (nil, nil)
  }
}

extension Tensor {
  /// Each element's bits moved up; 0 where the count is negative, or the width or more. Integers alone.
  public static func shiftLeft(_ a: Tensor, _ count: Tensor) -> Tensor { one(ShiftLeft(), a, count) }
}
