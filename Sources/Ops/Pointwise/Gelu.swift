import Foundation
import TensorIR

/// The Gaussian error linear unit `x Φ(x)` (Hendrycks and Gimpel, 2016), Φ being the normal distribution's: exactly
/// `x/2 (1 + erf(x/√2))`, or approximately `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
public struct Gelu: UnaryOp {
  public static let name = "gelu"
  public static let summary =
    "Each element times the normal distribution at it; optionally by the tanh approximation."
  /// Whether to use the form with tanh.
  public var approximate: Bool
  public init(approximate: Bool = false) { self.approximate = approximate }

  private static let cubic = 0.044715
  private static let slope = (2 / Double.pi).squareRoot()

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    func number(_ value: Double) -> Expression { .number(value, type) }
    // Far below, where the result is zero in every type, so that minus infinity does not become infinity times zero.
    let x = Expression.greater(of: x, number(-64), type)
    if !approximate {
      let half = x * number(0.5)
      return half * (number(1) + .intrinsic(.erf, [x * number(0.5.squareRoot())], type))
    }
    // (1 + tanh y) / 2 is the sigmoid of 2y.
    let inner = x * (number(2 * Gelu.slope) + x * x * number(2 * Gelu.slope * Gelu.cubic))
    return x * .intrinsic(.sigmoid, [inner], type)
  }

  public func evaluate(_ x: Double) -> Double {
    if x == -.infinity { return 0 }
    if approximate { return x / 2 * (1 + Foundation.tanh(Gelu.slope * (x + Gelu.cubic * x * x * x))) }
    return x / 2 * Foundation.erfc(-x / 2.0.squareRoot())
  }

  /// The forward pass is written such that the error function in it is the gradient's, which merging finds. The numbers are those
  /// of the op itself: only the factor is kept from -64 on, for far below the function is -1 anyway.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let x = operands[0]
    var result = try Tensor.record(self, operands)[0]
    if !approximate && !result.isPoison && !x.elementType.isShortFloat {
      result = Tensor.maximum(x, x.like(-64)) * x.like(0.5) * onePlusError(x)
    }
    return Differentiated([result]) { cotangents in
      [cotangents[0].flatMap { derivative(x, result, $0) }]
    }
  }

  private func onePlusError(_ x: Tensor) -> Tensor { x.like(1) + (x * x.like(0.5.squareRoot())).erf() }

  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    let (one, half) = (x.like(1), x.like(0.5))
    let square = x * x
    if !approximate {
      let density = (-(half * square)).expNonpositive() * x.like(1 / (2 * Double.pi).squareRoot())
      return cotangent * (half * onePlusError(x) + x * density)
    }
    let inner = x * (x.like(Gelu.slope) + square * x.like(Gelu.slope * Gelu.cubic))
    let steepness = x.like(Gelu.slope) + square * x.like(3 * Gelu.slope * Gelu.cubic)
    let tangent = inner.tanh()
    let change = x * (one - tangent * tangent) * steepness
    return cotangent * half * (one + tangent + change)
  }
}

extension Tensor {
  /// Each element times the normal distribution at it; with `approximate` by the form with tanh.
  public func gelu(approximate: Bool = false) -> Tensor { .one(Gelu(approximate: approximate), self) }
}
