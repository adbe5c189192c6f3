import TensorIR

/// The nearest integer to each element; halves go to the even one. Its gradient is 0.
public struct Round: UnaryOp {
  public static let name = "round"
  public static let summary = "The nearest integer to each element; halves go to the even one."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.round, [x], type) }
  public func evaluate(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { nil }
}

extension Tensor {
  /// The nearest integer to each element; halves go to the even one.
  public func round() -> Tensor { .one(Round(), self) }
}
