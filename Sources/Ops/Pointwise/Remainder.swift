import Foundation
import TensorIR

/// The remainder of the quotient rounded down, with the divisor's sign (NumPy's `remainder`, ONNX `Mod`); integers by
/// zero give 0. Derivatives: 1 and `-⌊a/b⌋`.
public struct Remainder: BinaryOp {
  public static let name = "remainder"
  public static let summary =
    "What is left of each element after division rounded down by the second's; it has the divisor's sign."
  public static let sampled = 0.5...7
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .intrinsic(.remainder, [a, b], type)
  }

  public func evaluate(_ a: Double, _ b: Double) -> Double {
    let rest = Foundation.fmod(a, b)
    if rest == 0 { return Foundation.copysign(0, b) }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }

  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    let (a, b) = (integers[0], integers[1])
    if b == 0 || (type.isSigned && b == -1) { return 0 }
    if type == .u64 { return Int(bitPattern: UInt(bitPattern: a) % UInt(bitPattern: b)) }
    let rest = a % b
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }

  public func derivatives(
    _ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor
  ) -> (Tensor?, Tensor?) {
    // (a - a mod b) / b is a whole number but for rounding.
    (cotangent, -(cotangent * ((a - result) / b).round()))
  }
}

extension Tensor {
  /// What is left of each element after division rounded down; it has the divisor's sign.
  public static func % (a: Tensor, b: Tensor) -> Tensor { one(Remainder(), a, b) }
}
