import TensorIR

/// The least integer that is not below each element. Its gradient is 0.
public struct Ceil: UnaryOp {
  public static let name = "ceil"
  public static let summary = "The least integer that is not below each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.ceil, [x], type) }
  public func evaluate(_ x: Double) -> Double { x.rounded(.up) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { nil }
}

extension Tensor {
  /// The least integer that is not below each element.
  public func ceil() -> Tensor { .one(Ceil(), self) }
}
