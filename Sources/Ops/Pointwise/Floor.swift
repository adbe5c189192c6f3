import TensorIR

/// The greatest integer that is not above each element. Its gradient is 0.
public struct Floor: UnaryOp {
  public static let name = "floor"
  public static let summary = "The greatest integer that is not above each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.floor, [x], type) }
  public func evaluate(_ x: Double) -> Double { x.rounded(.down) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { nil }
}

extension Tensor {
  /// The greatest integer that is not above each element.
  public func floor() -> Tensor { .one(Floor(), self) }
}
