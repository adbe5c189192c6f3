/// How the text of kernels spells things; the printer and the parser share it. docs/text-form.md has the grammar.
enum LoopText {
  /// Signs between operands. Of floats `/` is ``BinaryOperator/divide``, of integers and indices ``BinaryOperator/quotient``.
  static let signs: [BinaryOperator: String] = [
    .add: "+", .subtract: "-", .multiply: "*", .divide: "/", .quotient: "/", .remainder: "%", .less: "<",
    .lessEqual: "<=", .greater: ">", .greaterEqual: ">=", .equal: "==", .notEqual: "!=", .bitAnd: "&", .bitOr: "|",
    .bitXor: "^", .shiftLeft: "<<", .shiftRight: ">>", .logicalAnd: "&&", .logicalOr: "||",
  ]

  /// Operators that are written as functions.
  static let extrema: [BinaryOperator: String] = [.minimum: "min", .maximum: "max"]

  static let unary: [UnaryOperator: String] = [.negate: "negate", .bitNot: "not", .logicalNot: "is_false"]

  /// What a reduction of lanes is called.
  static func name(_ reduction: LaneReduction) -> String { "\(reduction.rawValue)_of_lanes" }

  /// What a conversion of bits to a type is called.
  static func bits(_ element: ElementType) -> String { "\(element)_bits" }

  /// What an intrinsic is called; the one whose operand does not say what it gives carries that in its name.
  static func name(_ intrinsic: Intrinsic, _ type: LoopType) -> String {
    intrinsic == .saturate ? "\(intrinsic)_\(type.element)" : intrinsic.rawValue
  }

  /// A float of a type, so that it reads back to the same bits.
  static func number(_ value: Double) -> String {
    if value.isNaN {
      return value.bitPattern == Double.nan.bitPattern ? "nan" : "nan_\(String(value.bitPattern, radix: 16))"
    }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return "\(value)"
  }
}
