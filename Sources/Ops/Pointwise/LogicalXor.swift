import TensorIR

/// `a ^ b` of bools.
public struct LogicalXor: BinaryOp {
  public static let name = "logical_xor"
  public static let summary = "Whether exactly one of the two elements is true."
  public static let elementTypes: [ElementType] = [.bool]
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression { .binary(.bitXor, a, b) }
  public func evaluate(_ a: Double, _ b: Double) -> Double { (a != 0) != (b != 0) ? 1 : 0 }
  public func evaluate(integers: [Int], _ type: ElementType) -> Int { integers[0] ^ integers[1] }
  public func derivatives(_ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor) -> (Tensor?, Tensor?) {
    (nil, nil)
  }
}

extension Tensor {
  /// Whether exactly one of the two elements is true.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor { one(LogicalXor(), a, b) }
}
