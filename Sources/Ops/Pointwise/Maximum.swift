import TensorIR

/// `max(a, b)`; NaN if either is (NumPy's `maximum`). Of equal operands it is the
/// second, which gives its sign to zero; in the gradient each gets half.
public struct Maximum: BinaryOp {
  public static let name = "maximum"
  public static let summary = "The greater of two elements; NaN where one of them is NaN."
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .maximum(a, b, type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : a > b ? a : b
  }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    let flip = type == .u64 ? Int.min : 0
    return Swift.max(integers[0] ^ flip, integers[1] ^ flip) ^ flip
  }

  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    let half = Tensor.select(a .== b, cotangent * cotangent.like(0.5), cotangent.like(0))
    return (Tensor.select(a .> b, cotangent, half), Tensor.select(b .> a, cotangent, half))
  }
}

extension Tensor {
  /// The greater of two elements; NaN where one of them is NaN.
  public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { one(Maximum(), a, b) }
}
