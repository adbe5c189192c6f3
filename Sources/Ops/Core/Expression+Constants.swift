import TensorIR

extension Expression {
  /// A constant of any element type: a number for floats, else an integer saturated to the type.
  package static func constant(_ value: Double, _ type: LoopType) -> Expression {
    type.element.isFloat ? .number(value, type) : .literal(Evaluator.saturate(value, type.element), type)
  }

  /// The greater of two values of a type; NaN if one is NaN. Of zeros it is either.
  package static func greater(of a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    if !type.element.isFloat { return .binary(.maximum, a, b) }
    // Where one operand is a number, NaN can only come from the other, and one instruction does it.
    return b.finiteNumber != nil ? .intrinsic(.above, [b, a], type) : .intrinsic(.maximum, [a, b], type)
  }

  /// The lesser of two values of a type; NaN if one is NaN.
  static func lesser(of a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    if !type.element.isFloat { return .binary(.minimum, a, b) }
    return b.finiteNumber != nil ? .intrinsic(.below, [b, a], type) : .intrinsic(.minimum, [a, b], type)
  }

  /// `max(a, b)`: NaN if one is NaN, and of equal operands the second, which gives its sign to zero.
  static func maximum(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    if a.finiteNumber != nil { return greater(of: b, a, type) }
    if b.finiteNumber == 0 { return .intrinsic(.maximum, [a, b], type) }
    return greater(of: a, b, type)
  }

  /// `min(a, b)` likewise.
  static func minimum(_ a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    if a.finiteNumber != nil { return lesser(of: b, a, type) }
    if b.finiteNumber == 0 { return .intrinsic(.minimum, [a, b], type) }
    return lesser(of: a, b, type)
  }

  private var finiteNumber: Double? {
    switch self {
    case .float(let number, _) where number.value.isFinite: number.value
    case .broadcast(let value, _): value.finiteNumber
    default: nil
    }
  }
}
