import TensorIR

/// `⌊a / b⌋` of integers (Python's and NumPy's `//`): the quotient rounded down. A division by zero gives 0, and the
/// least number by -1 wraps to itself. Of floats there is `(a / b).floor()`, whose quotient is rounded first.
public struct FloorDivide: BinaryOp {
  public static let name = "floor_divide"
  public static let summary = "The quotient of two integer tensors rounded down, element by element; 0 by zero."
  public static let elementTypes = ElementType.integers
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .intrinsic(.floordiv, [a, b], type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double { (a / b).rounded(.down) }

  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    let (a, b) = (integers[0], integers[1])
    if b == 0 { return 0 }
    if type == .u64 { return Int(bitPattern: UInt(bitPattern: a) / UInt(bitPattern: b)) }
    let (quotient, wraps) = a.dividedReportingOverflow(by: b)
    if wraps { return quotient }
    return (a < 0) != (b < 0) && quotient &* b != a ? quotient - 1 : quotient
  }

  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    (nil, nil)
  }
}

extension Tensor {
  /// The quotient of two integer tensors rounded down; 0 by zero.
  public static func floorDivide(_ a: Tensor, _ b: Tensor) -> Tensor { one(FloorDivide(), a, b) }
}
