import TensorIR
import TensorOps

/// Arithmetic that looks at the numbers themselves.
enum ArithmeticRules {
  static let rules: [Rule] = [
    constantSecond(Add.self), constantSecond(Multiply.self), constantSecond(Equal.self),
    constantSecond(NotEqual.self),
    constantSecond(LogicalAnd.self), constantSecond(LogicalOr.self), constantSecond(LogicalXor.self),
    constantSecond(BitwiseAnd.self), constantSecond(BitwiseOr.self), constantSecond(BitwiseXor.self),
    divideByPower,
  ]

  /// Constants stand second, so that other rules need look in one place only.
  private static func constantSecond<T: Op>(_ op: T.Type) -> Rule {
    Rule("constant-second", on: op) { op, site in
      guard site.isKnown(site.operand(0)), !site.isKnown(site.operand(1)) else { return nil }
      return [try site.one(op, site.operand(1), site.operand(0))]
    }
  }

  /// A division by a power of two is a product with its inverse, which is a power of two as well.
  private static let divideByPower = Rule("divide-by-power-of-two", on: Divide.self) { _, site in
    let type = site.operandTypes[1].elementType
    guard type.isFloat, let number = site.splat(site.operand(1)), number.isNormal,
      abs(number.significand) == 1
    else {
      return nil
    }
    let inverse = 1 / number
    guard inverse.isNormal, isNormal(inverse, type), isNormal(number, type) else { return nil }
    let factor = try site.one(Full(inverse, type, site.operandTypes[1].shape))
    return [try site.one(Multiply(), site.operand(0), factor)]
  }

  /// Whether a power of two is a normal number of a type; a subnormal one may be flushed to zero.
  private static func isNormal(_ number: Double, _ type: ElementType) -> Bool {
    switch type {
    case .f64: number.isNormal
    case .f16: (-14...15).contains(number.exponent)
    default: (-126...127).contains(number.exponent)
    }
  }
}
