import TensorIR

/// Whether an element is plus or minus infinity: `|x| == ∞`.
public struct IsInfinite: PredicateOp {
  public static let name = "is_infinite"
  public static let summary = "Whether each element is plus or minus infinity."
  public init() {}

  public func element(_ operands: [Expression], _ type: LoopType) -> Expression {
    let from = operands[0].type
    return .binary(.equal, .intrinsic(.absolute, [operands[0]], from), .number(.infinity, from))
  }
  public func evaluate(_ x: Double) -> Bool { x.isInfinite }
}

extension Tensor {
  /// Whether each element is plus or minus infinity.
  public func isInfinite() -> Tensor { .one(IsInfinite(), self) }
}
