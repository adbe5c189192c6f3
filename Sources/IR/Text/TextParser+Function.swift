extension TextParser {
  /// `func @name(parameters) -> results where facts { statements }`
  mutating func parseFunction() throws -> Function {
    guard acceptWord("func") else { throw expected("'func'") }
    function = Function(name: try expect(.function, "a name such as @forward").text)
    (scopes, places) = ([[:]], [])
    try expect("(")
    let parameters = try list(until: ")") { try $0.parameter() }
    let header = accept("->") ? try resultList() : nil
    let facts = acceptWord("where") ? try symbolFacts() : []
    let factsAt = token
    function.symbols = SymbolTable(facts: facts, parameters: parameters.map(\.type))
    try checkBounds(of: function.symbols, at: factsAt)
    for (name, type) in parameters {
      let id = function.addParameter(type, name: valueName(name))
      try define(name, .value(id))
    }
    try checkDeclared(header?.map(\.type) ?? [], at: token)
    let brace = token
    try expect("{")
    var body = Region()
    body.parameters = function.body.parameters
    let end = try statements(into: &body, terminator: "return")
    function.body = body
    if let header, let end { try finish(header, returnAt: end, brace: brace) }
    return function
  }

  private struct HeaderResult {
    var name: Token?
    var type: TensorType
    var reuses: Token?
  }

  /// `f32[n]`, or `(%out: f32[n] reuses %x, …)`
  private mutating func resultList() throws -> [HeaderResult] {
    guard accept("(") else { return [HeaderResult(type: try tensorType())] }
    return try list(until: ")") { parser in
      var name: Token?
      if parser.token.kind == .value {
        name = parser.token
        parser.advance()
        try parser.expect(":")
      }
      var result = HeaderResult(name: name, type: try parser.tensorType())
      if parser.acceptWord("reuses") { result.reuses = try parser.expect(.value, "a parameter") }
      return result
    }
  }

  /// Checks the header against what is returned and keeps its names and donations.
  private mutating func finish(_ header: [HeaderResult], returnAt end: Token, brace: Token) throws {
    let results = function.body.results
    guard header.count == results.count else {
      throw failure("result-count", "the header has \(header.count) results, \(results.count) are returned", at: end)
    }
    for (result, id) in zip(header, results) where result.type != function.type(of: id) {
      report(
        failure("type-mismatch", "the header says \(result.type), returned is \(function.type(of: id))", at: end))
    }
    if header.contains(where: { $0.name != nil }) { function.resultNames = header.map { $0.name?.text ?? "" } }
    for (index, result) in header.enumerated() {
      guard let reuses = result.reuses else { continue }
      guard case .value(let id)? = scopes[0][key(reuses)], let parameter = function.body.parameters.firstIndex(of: id)
      else {
        report(failure("donation", "\(reuses.shown) is not a parameter", at: reuses))
        continue
      }
      function.donations[index] = parameter
    }
  }

  /// `%x: f32[n]`
  mutating func parameter() throws -> (name: Token, type: TensorType) {
    let name = try expect(.value, "a parameter such as %x")
    try expect(":")
    return (name, try tensorType())
  }

  /// Bounds go from symbol to symbol, and must come to an end.
  func checkBounds(of symbols: SymbolTable, at place: Token) throws {
    guard let symbol = symbols.unfoundedBound else { return }
    throw failure(
      "symbol-fact", "the bound of '\(symbol.name)' is made of symbols that are not declared before it", at: place)
  }

  /// `batch in 1..64 divisible 4, k computed <= 2*batch, n`
  mutating func symbolFacts() throws -> [Symbol] {
    var facts: [Symbol] = []
    repeat {
      let name = token
      guard name.kind == .word && Dimension.isPlainName(name.text) || name.kind == .string else {
        throw expected("a symbol")
      }
      advance()
      guard !facts.contains(where: { $0.name == name.text }) else {
        throw failure("redefined", "the symbol \(name.shown) is declared twice", at: name)
      }
      var symbol = Symbol(name.text)
      if acceptWord("computed") {
        symbol.isComputed = true
        if accept("<=") { symbol.bound = try dimension() }
      }
      if acceptWord("in") {
        symbol.minimum = try integer()
        try expect("..")
        if token.kind == .number || isPunctuation("-") { symbol.maximum = try integer() }
      }
      if acceptWord("divisible") { symbol.divisor = try integer() }
      guard symbol.divisor > 0, symbol.maximum.map({ $0 >= symbol.minimum }) ?? true else {
        throw failure("symbol-fact", "no number satisfies '\(symbol.factText)'", at: name)
      }
      facts.append(symbol)
    } while accept(",")
    return facts
  }

  // MARK: Names

  /// Quoted names may look like numbers, which are another value.
  func key(_ token: Token) -> String {
    TextForm.isWord(token.text) || isNumber(token) ? token.text : "\"\(token.text)"
  }

  /// Whether the token is `%7` rather than `%"7"`.
  func isNumber(_ token: Token) -> Bool { !token.isQuoted && token.text.utf8.first.map(TextForm.isDigit) ?? false }

  /// The name a value gets: none for `%7`.
  func valueName(_ token: Token) -> String { isNumber(token) ? "" : token.text }

  mutating func define(_ name: Token, _ definition: Definition) throws {
    if scopes.contains(where: { $0[key(name)] != nil }) {
      throw failure("redefined", "\(name.shown) is defined twice", at: name)
    }
    scopes[scopes.count - 1][key(name)] = definition
  }

  func lookUp(_ name: Token) throws -> Definition {
    for scope in scopes.reversed() { if let found = scope[key(name)] { return found } }
    throw failure("undefined", "\(name.shown) is not defined here", at: name)
  }

  /// Every symbol in the types must be known.
  func checkDeclared(_ types: [TensorType], at token: Token) throws {
    for name in SymbolTable.appearing(in: types) where function.symbols[name] == nil {
      throw failure("undeclared-symbol", "the symbol '\(name)' is not declared; add it after 'where'", at: token)
    }
  }
}
