extension ProgramParser {
  mutating func expression() throws -> Expression { try nested { try $0.expressionAtDepth() } }

  private mutating func expressionAtDepth() throws -> Expression {
    let start = text.token
    if text.accept("(") { return try binary() }
    let isNaN = start.text == "nan" || start.text.hasPrefix("nan_") && !start.text.contains(".")
    if start.kind == .number || text.isPunctuation("-") || text.isWord("inf") || isNaN { return try number() }
    guard start.kind == .word else { throw text.expected("an expression") }
    if let variable = variables[start.text] {
      text.advance()
      return .variable(variable)
    }
    if buffers[start.text] != nil { return try load() }
    if start.text.contains(".") {
      throw text.failure("undefined", "there is no \(start.shown) here", at: start)
    }
    text.advance()
    try text.expect("(")
    let arguments = try expressions()
    guard let value = try function(start, arguments) else {
      throw text.failure("syntax", "there is no function \(start.shown) of such operands", at: start)
    }
    return value
  }

  /// Up to and with the closing parenthesis.
  private mutating func expressions() throws -> [Expression] {
    var list: [Expression] = []
    while !text.accept(")") {
      if !list.isEmpty { try text.expect(",") }
      list.append(try expression())
    }
    return list
  }

  /// `a + b)`
  private mutating func binary() throws -> Expression {
    let a = try expression()
    let sign = text.token
    let ops = ProgramParser.operators[sign.text] ?? []
    guard let op = ops.first(where: { ($0 == .divide) == a.type.element.isFloat }) ?? ops.first,
      sign.kind == .punctuation
    else { throw text.expected("an operator") }
    text.advance()
    let b = try expression()
    try text.expect(")")
    return .binary(op, a, b)
  }

  private static let operators = Dictionary(grouping: LoopText.signs.keys.sorted { $0.rawValue < $1.rawValue }) {
    LoopText.signs[$0] ?? ""
  }

  /// `12`, `-0.5:f32`, `1:boolx16`
  private mutating func number() throws -> Expression {
    let start = text.token
    let sign = text.accept("-") ? "-" : ""
    let digits = sign + text.token.text
    text.advance()
    guard text.accept(":") else {
      guard let value = Int(digits) else { throw text.failure("number", "\(digits) is not a number", at: start) }
      return .integer(value)
    }
    let type = try loopType()
    if type.element.isFloat {
      guard let value = ProgramParser.float(digits) else {
        throw text.failure("number", "\(digits) is not a number", at: start)
      }
      return .number(value, type)
    }
    guard let value = Int(digits), !type.isIndex else {
      throw text.failure("number", "\(digits) is not a number of type \(type)", at: start)
    }
    return .literal(value, type)
  }

  private static func float(_ digits: String) -> Double? {
    if digits.hasPrefix("nan_") { return UInt64(digits.dropFirst(4), radix: 16).map { Double(bitPattern: $0) } }
    return digits == "nan" ? .nan : Double(digits)
  }

  /// `x.2[offset]`, `x.2[offset by stride first count]x16`
  private mutating func load() throws -> Expression {
    let buffer = try buffer()
    try text.expect("[")
    let offset = try expression()
    let stride = text.acceptWord("by") ? try expression() : nil
    let count = text.acceptWord("first") ? try expression() : nil
    try text.expect("]")
    let lanes = try self.lanes() ?? 1
    switch (stride, count) {
    case (nil, nil): return .load(buffer, offset, lanes: lanes)
    case (nil, let count?): return .loadPartial(buffer, offset, lanes: lanes, count: count)
    case (let stride?, nil): return .gather(buffer, offset, stride: stride, lanes: lanes)
    case (let stride?, let count?): return .gatherPartial(buffer, offset, stride: stride, lanes: lanes, count: count)
    }
  }

  /// What a word means of its operands; nil where nothing.
  private mutating func function(_ word: Token, _ operands: [Expression]) throws -> Expression? {
    switch (word.text, operands.count) {
    case ("select", 3): return .select(operands[0], operands[1], operands[2])
    case ("index", 1): return .asIndex(operands[0])
    case ("broadcast", 1): return .broadcast(operands[0], lanes: try lanes() ?? 1)
    case ("ramp", 2): return .ramp(operands[0], step: operands[1], lanes: try lanes() ?? 1)
    case (_, 1):
      if let value = ProgramParser.unary[word.text]?(operands[0]) { return value }
      fallthrough
    default:
      if let op = ProgramParser.extrema[word.text], operands.count == 2 { return .binary(op, operands[0], operands[1]) }
      return ProgramParser.intrinsic(word.text, operands)
    }
  }

  private static let extrema = Dictionary(
    uniqueKeysWithValues: LoopText.extrema.map { ($0.value, $0.key) })

  private static let unary: [String: @Sendable (Expression) -> Expression] = {
    var table: [String: @Sendable (Expression) -> Expression] = [:]
    for (op, name) in LoopText.unary { table[name] = { .unary(op, $0) } }
    for reduction in LaneReduction.allCases { table[LoopText.name(reduction)] = { .reduce(reduction, $0) } }
    for element in ElementType.allCases {
      table[element.rawValue] = { .convert($0, element) }
      table[LoopText.bits(element)] = { .bitcast($0, element) }
    }
    return table
  }()

  private static func intrinsic(_ word: String, _ operands: [Expression]) -> Expression? {
    guard let first = operands.first?.type else { return nil }
    if word.hasPrefix("saturate_"), let element = ElementType(rawValue: String(word.dropFirst(9))) {
      return .intrinsic(.saturate, operands, LoopType(element, lanes: first.lanes))
    }
    return Intrinsic(rawValue: word).map { intrinsic in
      .intrinsic(intrinsic, operands, intrinsic.result(of: operands.map(\.type), given: first) ?? first)
    }
  }
}
