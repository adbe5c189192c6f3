/// Reads rules from text, one on a line:
///
///     double-negation: negate(negate(x)) => x
///     transpose-twice: transpose{permutation: [1, 0]}(transpose{permutation: [1, 0]}(x)) => x
///     cast-widening: cast{to: f64}(cast{to: f32}(x)) => cast{to: f64}(x) where x is f16
///     rounding thirds: divide(x, 3.0) => multiply(x, 0.3333333333333333) where x is float
///
/// `rounding` and `inexact` before the name say what a rule does to results (``Rule/Exactness``).
/// Words stand for values; numbers for constants of which every element is that number; `%p` for an attribute. What
/// stands on the right must be bound on the left, and op names must exist. A `//` begins a comment.
public struct RuleSet: Sendable {
  public var rules: [Rule]

  /// Throws ``Diagnostics`` with all that is wrong, each on its line.
  public init(parsing text: String, file: String = "rules", language: any RewriteLanguage) throws {
    var parser = TextParser(text, file: file, ops: language.ops, blobs: nil)
    var rules: [TextRule] = []
    while parser.token.kind != .end && !parser.isFull {
      do {
        let start = parser.token
        let rule = try parser.rule()
        try rule.check(language.ops).map { throw parser.failure($0.id, $0.message, at: start) }
        if rules.contains(where: { $0.name == rule.name }) {
          throw parser.failure("redefined", "two rules are named '\(rule.name)'", at: start)
        }
        rules.append(rule)
      } catch {
        parser.report(error)
        repeat { parser.advance() } while parser.token.kind != .end && !parser.token.startsLine
      }
    }
    if !parser.diagnostics.isEmpty { throw Diagnostics(parser.diagnostics) }
    self.rules = rules.map { Rule($0, language) }
  }
}

extension TextRule {
  /// What is wrong with a rule that could be read.
  func check(_ ops: OpDirectory) -> Diagnostic? {
    var words: Set<String> = []
    var captures: Set<String> = []
    var problem: Diagnostic?
    func walk(_ side: Pattern, isLeft: Bool) {
      switch side {
      case .number: break
      case .variable(let word):
        if isLeft {
          words.insert(word)
        } else if !words.contains(word) {
          problem = problem ?? Diagnostic("rule", "'\(word)' does not stand on the left of '\(name)'")
        }
      case .operation(let op, let fields, let operands):
        if ops[op] == nil { problem = problem ?? Diagnostic("unknown-op", "there is no op '\(op)'") }
        for case .capture(let word) in fields.map(\.value) {
          if isLeft {
            captures.insert(word)
          } else if !captures.contains(word) {
            problem = problem ?? Diagnostic("rule", "'%\(word)' does not stand on the left of '\(name)'")
          }
        }
        for operand in operands { walk(operand, isLeft: isLeft) }
      }
    }
    walk(pattern, isLeft: true)
    walk(replacement, isLeft: false)
    for condition in conditions where !words.contains(condition.variable) {
      problem =
        problem ?? Diagnostic("rule", "'\(condition.variable)' does not stand on the left of '\(name)'")
    }
    return rootName == nil ? Diagnostic("rule", "the left of '\(name)' must be an operation") : problem
  }
}

extension TextParser {
  /// `inexact name: pattern => replacement where x is float and y is i32`
  mutating func rule() throws -> TextRule {
    let line = token.line
    var exactness = Rule.Exactness.exact
    if next.kind == .word, isWord("inexact") || isWord("rounding") {
      exactness = isWord("inexact") ? .inexact : .rounding
      advance()
    }
    var name = try expect(.word, "the name of a rule").text
    while accept("-") {
      guard token.kind == .word || token.kind == .number else { throw expected("a word of the rule's name") }
      name += "-" + token.text
      advance()
    }
    try expect(":")
    let left = try pattern()
    try expect("=")
    try expect(">")
    let right = try pattern()
    var conditions: [TextRule.Condition] = []
    if acceptWord("where") {
      repeat { conditions.append(try condition()) } while acceptWord("and")
    }
    guard token.kind == .end || token.startsLine else { throw expected("the end of the line") }
    return TextRule(
      name: name, exactness: exactness, pattern: left, replacement: right, conditions: conditions, line: line)
  }

  private mutating func pattern() throws -> TextRule.Pattern {
    try nested { try $0.patternAtDepth() }
  }

  private mutating func patternAtDepth() throws -> TextRule.Pattern {
    if isPunctuation("-") || token.kind == .number || isWord("inf") { return .number(try ruleNumber()) }
    let word = try expect(.word, "a word, a number or an operation")
    guard isPunctuation("(") || isPunctuation("{") else { return .variable(word.text) }
    let fields = accept("{") ? try list(until: "}") { try $0.ruleField() } : []
    try expect("(")
    let operands = try list(until: ")") { try $0.pattern() }
    return .operation(word.text, attributes: fields, operands: operands)
  }

  private mutating func ruleNumber() throws -> Double {
    switch try attribute() {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    default: throw expected("a number")
    }
  }

  private mutating func ruleField() throws -> TextRule.Field {
    let name = try expect(.word, "the name of an attribute").text
    try expect(":")
    if token.kind == .value {
      defer { advance() }
      return TextRule.Field(name: name, value: .capture(token.text))
    }
    return TextRule.Field(name: name, value: .literal(try attribute()))
  }

  private mutating func condition() throws -> TextRule.Condition {
    let variable = try expect(.word, "a word of the left side").text
    guard acceptWord("is") else { throw expected("'is'") }
    let kind = try expect(.word, "a kind of element")
    let accepts: @Sendable (ElementType) -> Bool
    switch kind.text {
    case "float": accepts = { $0.isFloat }
    case "integer": accepts = { $0.isInteger }
    default:
      guard let type = ElementType(rawValue: kind.text) else {
        throw failure("rule", "a kind is 'float', 'integer' or an element type, not \(kind.shown)", at: kind)
      }
      accepts = { $0 == type }
    }
    return TextRule.Condition(variable: variable, kind: kind.text, accepts: accepts)
  }
}
