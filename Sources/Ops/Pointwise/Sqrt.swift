import TensorIR

/// `√x`; NaN below 0.
public struct Sqrt: UnaryOp {
  public static let name = "sqrt"
  public static let summary = "The square root of each element."
  public static let sampled = 0.1...4
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.sqrt, [x], type) }
  public func evaluate(_ x: Double) -> Double { x.squareRoot() }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * cotangent.like(0.5) / result
  }
}

extension Tensor {
  /// The square root of each element.
  public func sqrt() -> Tensor { .one(Sqrt(), self) }
}
