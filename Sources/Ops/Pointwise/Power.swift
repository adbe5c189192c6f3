import Foundation
import TensorIR

/// `a^b`. Of floats as C's `pow`: derivatives `b a^(b-1)`, 0 where b is 0, and `a^b ln a`, 0 where a is 0. Of integers by
/// repeated squaring, wrapping; a negative exponent gives the quotient truncated: 0, but 1 and ±1 of the bases 1 and -1.
/// `0^0` is 1.
public struct Power: BinaryOp {
  public static let name = "power"
  public static let summary =
    "Each element of the first tensor to the power of the second's; integers wrap around."
  public static let sampled = 0.3...2
  public init() {}

  public func element(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    .intrinsic(.pow, [a, b], type)
  }
  public func evaluate(_ a: Double, _ b: Double) -> Double { Foundation.pow(a, b) }

  public func evaluate(integers: [Int], _ type: ElementType) -> Int {
    let (base, exponent) = (integers[0], integers[1])
    if type.isSigned && exponent < 0 {
      return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0
    }
    // From the highest bit of the exponent down.
    let bits = UInt(bitPattern: exponent)
    return (0..<(UInt.bitWidth - bits.leadingZeroBitCount)).reversed().reduce(1) { power, bit in
      let square = power &* power
      return bits >> UInt(bit) & 1 == 1 ? square &* base : square
    }
  }

  public func derivatives(
    _ a: Tensor, _ b: Tensor, _ result: Tensor, _ cotangent: Tensor
  ) -> (Tensor?, Tensor?) {
    let zero = cotangent.like(0)
    let slope = cotangent * b * a.power(b - b.like(1))
    // 0 · ∞ stands in neither derivative: a power of 0 is constant, and the logarithm is only taken off 0.
    let positive = Tensor.select(a .== a.like(0), a.like(1), a)
    return (Tensor.select(b .== b.like(0), zero, slope), cotangent * result * positive.log())
  }
}

extension Tensor {
  /// Each element to the power of the exponent's; integers wrap.
  public func power(_ exponent: Tensor) -> Tensor { .one(Power(), self, exponent) }
}
