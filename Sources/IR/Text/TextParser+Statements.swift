extension TextParser {
  /// Statements up to and with the terminator and the closing brace; returns the terminator if it is right.
  mutating func statements(into region: inout Region, terminator: String) throws -> Token? {
    while !isFull {
      let start = index
      if token.kind == .end || isPunctuation("}") {
        report(expected("'\(terminator)'"))
        _ = accept("}")
        return nil
      }
      if isWord("return") || isWord("yield") { return end(of: &region, terminator) }
      do {
        if let operation = try operation() { region.operations.append(operation) }
      } catch {
        report(error)
        skipStatement(from: start)
      }
    }
    return nil
  }

  /// `return %a, %b }`; nil if something is wrong with it, which is reported.
  private mutating func end(of region: inout Region, _ word: String) -> Token? {
    let start = token
    let faultCount = diagnostics.count
    var usesPoison = false
    do {
      guard acceptWord(word) else {
        advance()
        throw failure("syntax", "expected '\(word)', found \(start.shown)", at: start)
      }
      if token.kind == .value && !token.startsLine {
        for name in try valueList() {
          if case .value(let id) = try lookUp(name) { region.results.append(id) } else { usesPoison = true }
        }
      }
      if !isPunctuation("}") { throw expected("'}'") }
    } catch {
      report(error)
    }
    skipToClosingBrace()
    return usesPoison || diagnostics.count > faultCount ? nil : start
  }

  /// Goes past the brace that closes the region, or to a function that begins before it.
  private mutating func skipToClosingBrace() {
    var braces = 0
    while token.kind != .end && !(token.startsLine && isWord("func")) {
      if isPunctuation("{") { braces += 1 }
      if isPunctuation("}") { braces -= 1 }
      advance()
      if braces < 0 { return }
    }
  }

  /// Goes to the next line that may begin a statement of the same region.
  private mutating func skipStatement(from start: Int) {
    var braces = 0
    if index == start && token.kind != .end && !isPunctuation("}") { advance() }
    while token.kind != .end {
      if token.startsLine && braces <= 0 { return }
      if isPunctuation("{") { braces += 1 }
      if isPunctuation("}") { braces -= 1 }
      advance()
    }
  }

  private mutating func valueList() throws -> [Token] {
    var names: [Token] = []
    repeat { names.append(try expect(.value, "a value")) } while accept(",")
    return names
  }

  /// `%results = name operands {attributes} { regions } : types requires guards at location`; nil if it uses poison.
  private mutating func operation() throws -> Operation? {
    places.append(place(token))
    var results: [Token] = []
    if token.kind == .value {
      results = try valueList()
      try expect("=")
    }
    do {
      let built = try builtOperation(resultCount: results.count)
      try define(results, as: built)
      return built
    } catch {
      for name in results where (try? lookUp(name)) == nil { try? define(name, .poison) }
      throw error
    }
  }

  private mutating func define(_ results: [Token], as operation: Operation?) throws {
    for (index, name) in results.enumerated() {
      guard let operation else { try define(name, .poison); continue }
      function[operation.results[index]].name = valueName(name)
      try define(name, .value(operation.results[index]))
    }
  }

  private mutating func builtOperation(resultCount: Int) throws -> Operation? {
    let name = try expect(.word, "an op")
    let operands = try operandList()
    let attributesAt = token
    let fields = isPunctuation("{") && !token.startsLine && opensRecord ? try record() : []
    var regions: [Region] = []
    let faultCount = diagnostics.count
    while isPunctuation("{") && !token.startsLine { regions.append(try nested { try $0.region() }) }
    var statement = Statement(name: name, fields: fields, attributesAt: attributesAt, typesAt: token)
    if accept(":") { statement.types = try typeList() }
    if acceptWord("requires") { statement.guards = try guardList() }
    if isWord("at") && !token.startsLine { statement.location = try location() }
    let values = operands.map { operand -> ValueID?? in
      switch operand {
      case nil: .some(nil)
      case .value(let id): .some(id)
      case .poison: nil
      }
    }
    let known = values.compactMap { $0 }
    // What uses poison or holds a wrong region is poison too: its types would only repeat the complaint.
    guard known.count == values.count, diagnostics.count == faultCount else { return nil }
    return try build(statement, known, regions, resultCount: resultCount)
  }

  /// Whether the brace at hand begins attributes rather than a region.
  private var opensRecord: Bool {
    let after = tokens[min(index + 2, tokens.count - 1)]
    if next.kind == .punctuation { return next.text == "}" }
    return (next.kind == .word || next.kind == .string) && after.kind == .punctuation && after.text == ":"
  }

  private mutating func operandList() throws -> [Definition?] {
    guard !token.startsLine, token.kind == .value || isWord("_") else { return [] }
    var operands: [Definition?] = []
    repeat {
      if acceptWord("_") { operands.append(nil); continue }
      operands.append(try lookUp(try expect(.value, "a value or '_'")))
    } while accept(",")
    return operands
  }

  /// `{ (%p: f32[n]) statements yield %v }`
  private mutating func region() throws -> Region {
    try expect("{")
    var region = Region()
    scopes.append([:])
    defer { scopes.removeLast() }
    if accept("(") {
      for (name, type) in try list(until: ")", { try $0.parameter() }) {
        // A region binds its own symbols, as a function does.
        for symbol in SymbolTable.appearing(in: [type]) where function.symbols[symbol] == nil {
          function.symbols.declare(Symbol(symbol))
        }
        let id = function.addValue(type, name: valueName(name))
        region.parameters.append(id)
        try define(name, .value(id))
      }
    }
    _ = try statements(into: &region, terminator: "yield")
    return region
  }

  private mutating func typeList() throws -> [TensorType] {
    var types: [TensorType] = []
    repeat { types.append(try tensorType()) } while accept(",")
    return types
  }

  /// `n == m "message" from "mlp.swift":15:17, …`
  private mutating func guardList() throws -> [InferenceContext.Guard] {
    var guards: [InferenceContext.Guard] = []
    repeat { guards.append(try guardItem()) } while accept(",")
    return guards
  }

  mutating func guardItem() throws -> InferenceContext.Guard {
    let left = try dimension()
    guard
      let relation = SizeCondition.Relation.allCases.first(where: {
        isPunctuation($0.rawValue) || isWord($0.rawValue)
      })
    else { throw expected("'==', '<=', 'broadcasts_with' or 'broadcasts_to'") }
    advance()
    let right = try dimension()
    let message = try expect(.string, "the message of the guard")
    let place = isWord("from") && !token.startsLine ? try location() : .unknown
    return InferenceContext.Guard(SizeCondition(left, relation, right), message.text, at: place)
  }

  /// `at "mlp.swift":15:17`, `at node "conv1" (Conv)`
  mutating func location() throws -> Location {
    advance()
    if acceptWord("node") {
      let name = try expect(.string, "the node's name")
      try expect("(")
      guard token.kind == .word || token.kind == .string else { throw expected("the node's operator") }
      let kind = token.text
      advance()
      try expect(")")
      return .node(name: name.text, kind: kind)
    }
    let file = try expect(.string, "a file name")
    try expect(":")
    let line = try integer()
    try expect(":")
    return .source(file: file.text, line: line, column: try integer())
  }
}
