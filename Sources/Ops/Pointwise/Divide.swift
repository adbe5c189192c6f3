import TensorIR

/// `a / b`; integers truncate towards zero, and a zero divisor gives 0.
public struct Divide: BinaryOp {
  public static let name = "divide"
  public static let summary =
    "The quotient of two tensors, element by element; integers truncate towards zero, and by zero give 0."
  public static let sampled = 0.5...3
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    type.element.isFloat ? .binary(.divide, a, b) : .intrinsic(.divide, [a, b], type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double { a / b }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    if integers[1] == 0 { return 0 }
    if type == .u64 { return Int(bitPattern: UInt(bitPattern: integers[0]) / UInt(bitPattern: integers[1])) }
    return integers[0].dividedReportingOverflow(by: integers[1]).partialValue
  }

  public func derivatives(
    _ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor
  ) -> (Tensor?, Tensor?) {
    let da = cotangent / b
    return (da, -(da * result))
  }
}
