import Foundation
import TensorIR

/// The exponential function.
public struct Exp: UnaryOp {
  public static let name = "exp"
  public static let summary = "e to the power of each element."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.exp, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.exp(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? { cotangent * result }
}
