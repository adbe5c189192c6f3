/// Which operands the expressions of the loop IR take.
enum ExpressionTypes {
  /// What is wrong with the types of an expression's operands, nil where nothing is.
  static func mistake(in expression: Expression, _ operands: [LoopType]) -> String? {
    switch expression {
    case .integer, .variable, .load, .loadPartial, .gather, .gatherPartial: nil
    case .float(_, let type): type.element.isFloat ? nil : "a float constant is \(type)"
    case .literal(_, let type): type.element.isFloat || type.isIndex ? "an integer constant is \(type)" : nil
    case .unary(let op, _): unary(op, operands[0])
    case .binary(let op, _, _): binary(op, operands[0], operands[1])
    case .select: select(operands)
    case .convert: nil
    case .asIndex: isScalarInteger(operands[0]) ? nil : "\(operands[0]) is taken as an index"
    case .bitcast(_, let element): bitcast(operands[0], element)
    case .broadcast(_, let lanes):
      lanes > 1 && operands[0].lanes == 1 && !operands[0].isIndex ? nil : "\(operands[0]) is put in \(lanes) lanes"
    case .ramp(_, _, let lanes):
      lanes > 1 && operands[0] == operands[1] && operands[0].lanes == 1 && !operands[0].isIndex
        ? nil : "a ramp of \(lanes) lanes is made from \(operands[0]) and \(operands[1])"
    case .intrinsic(let intrinsic, _, let type):
      intrinsic.result(of: operands, given: type) == type
        ? nil : "'\(intrinsic)' of \(list(operands)) does not give \(type)"
    case .reduce: operands[0].lanes > 1 ? nil : "the lanes of \(operands[0]) are reduced"
    }
  }

  private static func list(_ types: [LoopType]) -> String {
    types.isEmpty ? "nothing" : types.map(\.description).joined(separator: ", ")
  }

  private static func isScalarInteger(_ type: LoopType) -> Bool {
    type.lanes == 1 && type.element.isInteger && !type.isIndex
  }

  private static func unary(_ op: UnaryOperator, _ a: LoopType) -> String? {
    let fits =
      switch op {
      case .negate: a.element != .bool
      case .bitNot: !a.element.isFloat && !a.isIndex
      case .logicalNot: a.element == .bool
      }
    return fits ? nil : "'\(op)' of \(a)"
  }

  private static func binary(_ op: BinaryOperator, _ a: LoopType, _ b: LoopType) -> String? {
    if a != b { return "'\(op)' of \(a) and \(b)" }
    let fits =
      switch op {
      case .add, .subtract, .multiply: a.element != .bool
      case .divide: a.element.isFloat
      case .quotient, .remainder: a.element.isInteger
      case .minimum, .maximum: !a.element.isFloat
      case .bitAnd, .bitOr, .bitXor: !a.element.isFloat && !a.isIndex
      case .shiftLeft, .shiftRight: a.element.isInteger && !a.isIndex
      case .less, .lessEqual, .greater, .greaterEqual, .equal, .notEqual: true
      case .logicalAnd, .logicalOr: a.element == .bool
      }
    return fits ? nil : "'\(op)' of \(a)"
  }

  private static func select(_ types: [LoopType]) -> String? {
    let (condition, a, b) = (types[0], types[1], types[2])
    let fits = condition.element == .bool && (condition.lanes == 1 || condition.lanes == a.lanes) && a == b
    return fits ? nil : "a choice by \(condition) between \(a) and \(b)"
  }

  private static func bitcast(_ a: LoopType, _ element: ElementType) -> String? {
    a.isIndex || a.element == .bool || a.element.computeType.bitWidth != element.computeType.bitWidth
      ? "the bits of \(a) are read as \(element)" : nil
  }
}
