import Foundation
import TensorIR

/// `arctan x`, from -π/2 to π/2, which infinities give. The derivative is `1 / (1 + x²)`.
public struct Atan: UnaryOp {
  public static let name = "atan"
  public static let summary = "The angle whose tangent each element is, in radians."
  public init() {}

  public func element(_ x: Expression, _ type: LoopType) -> Expression { .intrinsic(.atan, [x], type) }
  public func evaluate(_ x: Double) -> Double { Foundation.atan(x) }
  public func derivative(_ x: Tensor, _ result: Tensor, _ cotangent: Tensor) -> Tensor? {
    cotangent / (x * x + x.like(1))
  }
}

extension Tensor {
  /// The angle whose tangent each element is, in radians, from -π/2 to π/2.
  public func atan() -> Tensor { .one(Atan(), self) }
}
