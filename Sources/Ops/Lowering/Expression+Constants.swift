import TensorIR

extension Expression {
  /// A constant of any element type: a number for floats, else an integer saturated to the type.
  static func constant(_ value: Double, _ type: LoopType) -> Expression {
    type.element.isFloat ? .number(value, type) : .literal(Evaluator.saturate(value, type.element), type)
  }

  /// The greater of two values of a type; NaN if one is NaN.
  static func greater(of a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    type.element.isFloat ? .call("maximum", [a, b], type) : .binary(.maximum, a, b)
  }

  /// The lesser of two values of a type; NaN if one is NaN.
  static func lesser(of a: Expression, _ b: Expression, _ type: LoopType) -> Expression {
    type.element.isFloat ? .call("minimum", [a, b], type) : .binary(.minimum, a, b)
  }
}
