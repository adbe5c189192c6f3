import Foundation
import TensorIR

/// `erf x = 2/√π ∫₀ˣ e^(-t²) dt`.
public struct Erf: UnaryOp {
  public static let name = "erf"
  public static let summary = "The error function of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.erf, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.erf(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent * (-(x * x)).expNonpositive() * x.like(2 / Double.pi.squareRoot())
  }
}

extension Tensor {
  /// The error function of each element.
  public func erf() -> Tensor { .one(Erf(), self) }
}
