import TensorIR

/// The integer next to each element towards zero; it keeps the sign, of zero too. Its gradient is 0.
public struct Truncate: UnaryOp {
  public static let name = "truncate"
  public static let summary = "The integer part of each element: rounded towards zero."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.truncate, [x], type) }
  public func evaluate(_ x: Double) -> Double { x.rounded(.towardZero) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { nil }
}

extension Tensor {
  /// Each element rounded towards zero.
  public func truncate() -> Tensor { .one(Truncate(), self) }
}
