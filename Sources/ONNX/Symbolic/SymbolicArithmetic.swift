import TensorIR
import TensorOps

extension SymbolicOperators {
  static let arithmetic: [String: Evaluation] = [
    "Add": { binary($0) { a, b, _ in a + b } },
    "Sub": { binary($0) { a, b, _ in a - b } },
    "Mul": { binary($0) { a, b, _ in a * b } },
    "Div": { binary($0, divide) },
    "Mod": { binary($0, remainder) },
    "Min": { binary($0) { a, b, symbols in symbols.minimum(a, b) } },
    "Max": { binary($0) { a, b, symbols in symbols.maximum(a, b) } },
    "Neg": { node in unary(node) { -$0 } },
    "Abs": { node in unary(node) { absolute($0, node.symbols) } },
    "Equal": { compare($0) { a, b, symbols in symbols.isEqual(a, b) } },
    "Less": { compare($0) { a, b, symbols in symbols.isAtMost(a + 1, b) } },
    "LessOrEqual": { compare($0) { a, b, symbols in symbols.isAtMost(a, b) } },
    "Greater": { compare($0) { a, b, symbols in symbols.isAtMost(b + 1, a) } },
    "GreaterOrEqual": { compare($0) { a, b, symbols in symbols.isAtMost(b, a) } },
    "And": { binary($0) { a, b, _ in a * b } },
    "Or": { binary($0) { a, b, symbols in symbols.maximum(a, b) } },
    "Not": { node in unary(node) { 1 - $0 } },
    "Where": choose,
    "Cast": cast,
  ]

  private static func binary(
    _ node: NodeConversion, _ function: (Dimension, Dimension, SymbolTable) -> Dimension?
  ) -> [SymbolicTensor]? {
    guard let operands = operands(node) else { return nil }
    let type = operands[0].elementType
    return pointwise(operands, type) { values in
      var result: Dimension? = values[0]
      for value in values.dropFirst() { result = result.flatMap { function($0, value, node.symbols) } }
      return result.flatMap { fits($0, type) ? $0 : nil }
    }
  }

  private static func unary(_ node: NodeConversion, _ function: (Dimension) -> Dimension?) -> [SymbolicTensor]? {
    guard let operands = operands(node), operands.count == 1 else { return nil }
    let type = operands[0].elementType
    return pointwise(operands, type) { values in function(values[0]).flatMap { fits($0, type) ? $0 : nil } }
  }

  private static func compare(
    _ node: NodeConversion, _ question: (Dimension, Dimension, SymbolTable) -> Ternary
  ) -> [SymbolicTensor]? {
    guard let operands = operands(node), operands.count == 2 else { return nil }
    return pointwise(operands, .bool) { values in truth(question(values[0], values[1], node.symbols)) }
  }

  private static func truth(_ answer: Ternary) -> Dimension? {
    switch answer {
    case .yes: 1
    case .no: 0
    case .unknown: nil
    }
  }

  /// Whether a number is one of the type's; symbolic dimensions are taken to be.
  private static func fits(_ value: Dimension, _ type: ElementType) -> Bool {
    guard let number = value.constant, type != .i64, type != .bool else { return true }
    if type == .u64 { return number >= 0 }
    return Rounding.wrap(number, to: type) == number
  }

  private static func absolute(_ value: Dimension, _ symbols: SymbolTable) -> Dimension? {
    if symbols.isNatural(value) { return value }
    return symbols.isAtMost(value, 0) == .yes ? -value : nil
  }

  /// ONNX truncates towards zero, which is rounding down where neither operand is negative.
  private static func divide(_ a: Dimension, _ b: Dimension, _ symbols: SymbolTable) -> Dimension? {
    if let x = a.constant, let y = b.constant {
      return y == 0 || y == -1 && x == .min ? nil : Dimension(x / y)
    }
    guard symbols.isNatural(a), symbols.isNatural(b), b != 0 else { return nil }
    return symbols.quotient(a, b)
  }

  private static func remainder(_ a: Dimension, _ b: Dimension, _ symbols: SymbolTable) -> Dimension? {
    guard symbols.isNatural(a), symbols.isNatural(b), b != 0 else { return nil }
    return a.modulo(symbols.maximum(b, 1))
  }

  private static func choose(_ node: NodeConversion) -> [SymbolicTensor]? {
    guard let operands = operands(node), operands.count == 3 else { return nil }
    return pointwise(operands, operands[1].elementType) { values in
      if values[1] == values[2] { return values[1] }
      return values[0].constant.map { $0 != 0 ? values[1] : values[2] }
    }
  }

  private static func cast(_ node: NodeConversion) throws -> [SymbolicTensor]? {
    guard let x = node.symbolic(0) else { return nil }
    let type = try OnnxOperators.castType(node)
    if type.isFloat { return nil }
    return pointwise([x], type) { values in
      if type != .bool { return fits(values[0], type) ? values[0] : nil }
      return truth(node.symbols.isEqual(values[0], 0)).map { 1 - $0 }
    }
  }
}
