import TensorIR

/// `a * b`; integers wrap.
public struct Multiply: BinaryOp {
  public static let name = "multiply"
  public static let summary = "The product of two tensors, element by element; integers wrap around."
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.multiply, a, b) }
  public func evaluate(_ a: Double, _ b: Double) -> Double { a * b }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { integers[0] &* integers[1] }

  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    (cotangent * b, cotangent * a)
  }
}
