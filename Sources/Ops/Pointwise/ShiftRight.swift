import TensorIR

/// `⌊a / 2^b⌋` of integers: bits move down, copies of the sign come in above, zeros if the type is unsigned. Where the
/// count is negative or at least the type's width all bits are shifted out, which leaves 0, or -1 of a negative number.
public struct ShiftRight: BinaryOp {
  public static let name = "shift_right"
  public static let summary =
    "Each element's bits moved down by the second's; signed ones keep their sign, and none stays beyond the width."
  public static let elementTypes = ElementType.integers
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.shiftRight, a, b) }
  /// Floats have no bits to shift: NaN.
  public func evaluate(_ a: Double, _ b: Double) -> Double { .nan }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    let (a, count) = (integers[0], integers[1])
    guard (0..<type.bitWidth).contains(count) else { return type.isSigned && a < 0 ? -1 : 0 }
    return type == .u64 ? Int(bitPattern: UInt(bitPattern: a) >> UInt(count)) : a >> count
  }
  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    (nil, nil)
  }
}

extension Tensor {
  /// Each element's bits moved down, copies of the sign coming in; none stays where the count is negative, or the width
  /// or more. Integers alone.
  public static func shiftRight(_ a: Tensor, _ count: Tensor) -> Tensor { one(ShiftRight(), a, count) }
}
