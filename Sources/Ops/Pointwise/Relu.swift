import TensorIR

/// `max(x, 0)`; NaN stays NaN, and -0 stays -0.
public struct Relu: UnaryOp {
  public static let name = "relu"
  public static let summary = "The greater of each element and 0; NaN stays NaN."
  public static let elementTypes = ElementType.numbers
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    .greater(of: x, .constant(0, type), type)
  }
  public func evaluate(_ x: Double) -> Double { x < 0 ? 0 : x }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { type == .u64 ? integers[0] : max(integers[0], 0) }

  /// The gradient passes where the operand is positive.
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    Tensor.select(result .> result.like(0), cotangent, cotangent.like(0))
  }
}
