import Foundation
import TensorIR

/// The remainder of the quotient rounded towards zero, with the dividend's sign (C's and NumPy's `fmod`, ONNX `Mod` with
/// `fmod = 1`). Of floats it is exact, and NaN by zero; of integers it is 0 by zero. Derivatives: 1 and `-trunc(a/b)`.
public struct TruncatedRemainder: BinaryOp {
  public static let name = "truncated_remainder"
  public static let summary =
    "What is left of each element after division rounded towards zero by the second's; it has the dividend's sign."
  public static let sampled = 0.5...7
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .intrinsic(type.element.isFloat ? .fmod : .rem, [a, b], type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double { Foundation.fmod(a, b) }

  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    let (a, b) = (integers[0], integers[1])
    if b == 0 || (type.isSigned && b == -1) { return 0 }
    return type == .u64 ? Int(bitPattern: UInt(bitPattern: a) % UInt(bitPattern: b)) : a % b
  }

  public func derivatives(
    _ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor
  ) -> (Tensor?, Tensor?) {
    // (a - fmod(a, b)) / b is a whole number but for rounding.
    (cotangent, -(cotangent * ((a - result) / b).round()))
  }
}

extension Tensor {
  /// What is left of each element after division rounded towards zero; it has the dividend's sign.
  public static func truncatedRemainder(_ a: Tensor, _ b: Tensor) -> Tensor { one(TruncatedRemainder(), a, b) }
}
