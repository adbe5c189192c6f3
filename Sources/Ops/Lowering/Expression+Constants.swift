import TensorIR

extension Expression {
  /// A constant of any element type: a number for floats, else an integer saturated to the type.
  static func constant(_ value: Double, _ type: LoopType) -> Expression {
    type.element.isFloat ? .number(value, type) : .literal(Evaluator.saturate(value, type.element), type)
  }

  /// The greater of two values of a type; NaN if one is NaN.
  static func greater(of a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    if !type.element.isFloat { return .binary(.maximum, a, b) }
    // Where one operand is a number, NaN can only come from the other, and one instruction does it.
    return b.isFiniteNumber ? .call("above", [b, a], type) : .call("maximum", [a, b], type)
  }

  /// The lesser of two values of a type; NaN if one is NaN.
  static func lesser(of a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    if !type.element.isFloat { return .binary(.minimum, a, b) }
    return b.isFiniteNumber ? .call("below", [b, a], type) : .call("minimum", [a, b], type)
  }

  private var isFiniteNumber: Bool {
    if case .number(let value, _) = self { return value.isFinite }
    return false
  }
}
