import Foundation
import TensorIR

/// The exponential function.
public struct Exp: UnaryOp {
  public static let name = "exp"
  public static let summary = "e to the power of each element."
  /// Whether no element is above 0, which takes fewer instructions; a result below the least normal number may be 0 then.
  @Marked public var nonpositive: Bool
  public init(nonpositive: Bool = false) { self.nonpositive = nonpositive }

  public func element(_ x: Expression, _ type: LoopType) -> Expression {
    .intrinsic(nonpositive ? .expNonpositive : .exp, [x], type)
  }
  public func evaluate(_ x: Double) -> Double { Foundation.exp(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { cotangent * result }
}

extension Tensor {
  /// e to the power of each element, of which none is above 0.
  func expNonpositive() -> Tensor { .one(Exp(nonpositive: true), self) }
}
