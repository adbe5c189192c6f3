/// What a text holds: the functions that could be read, and all that is wrong with it.
public struct ParsedText: Sendable {
  public var functions: [Function]
  public var diagnostics: [Diagnostic]
  /// For each function the places of its operations in the text, in the order of ``Function/forEachOperation(_:)``.
  public var places: [[Location]]

  /// The functions, or all diagnostics at once.
  public func get() throws -> [Function] {
    if !diagnostics.isEmpty { throw Diagnostics(diagnostics) }
    return functions
  }
}

extension ParsedText {
  /// The functions, verified; throws ``Diagnostics`` with all that is wrong, each at its place in the text or in the model
  /// that it came from.
  public func verified() throws -> [Function] {
    let functions = try get()
    let faults = zip(functions, places).flatMap { function, places -> [Diagnostic] in
      guard let error = Verifier.check(function) else { return [] }
      return zip(error.diagnostics, error.operations).map { diagnostic, number in
        number.map { places.indices.contains($0) ? diagnostic.located(at: places[$0]) : diagnostic } ?? diagnostic
      }
    }
    if !faults.isEmpty { throw Diagnostics(faults) }
    return functions
  }
}

extension Function {
  /// Reads a text that holds one function; throws ``Diagnostics``.
  public init(
    parsing text: String, file: String = "text", ops: OpDirectory, blobs: (any BlobSource)? = nil
  ) throws {
    let functions = try TextParser.parse(text, file: file, ops: ops, blobs: blobs).get()
    guard functions.count == 1 else {
      let message = "expected one function, found \(functions.count)"
      throw Diagnostics([Diagnostic("syntax", message, at: .source(file: file, line: 1, column: 1))])
    }
    self = functions[0]
  }
}

/// Reads the text form of functions by recursive descent. It never traps, whatever the text: errors name their place,
/// and reading goes on with the next statement. docs/text-form.md has the grammar.
public struct TextParser {
  /// How deep regions, attributes and dimensions may nest.
  static let depthLimit = 64
  /// More diagnostics than these tell nothing new.
  static let diagnosticLimit = 100

  let file: String
  let ops: OpDirectory
  let blobs: (any BlobSource)?
  let tokens: [Token]
  var index = 0
  var depth = 0
  var diagnostics: [Diagnostic]

  // The function being read, and where its operations begin.
  var places: [Location] = []
  var function = Function(name: "")
  var scopes: [[String: Definition]] = []

  /// What a name stands for; poison where its statement was wrong, which is reported once.
  enum Definition {
    case value(ValueID)
    case poison
  }

  init(_ text: String, file: String, ops: OpDirectory, blobs: (any BlobSource)?, ofProgram: Bool = false) {
    self.file = file
    self.ops = ops
    self.blobs = blobs
    (tokens, diagnostics) = Lexer.tokens(of: text, file: file, hasArithmetic: ofProgram)
  }

  /// Reads every function of a text.
  public static func parse(
    _ text: String, file: String = "text", ops: OpDirectory, blobs: (any BlobSource)? = nil
  ) -> ParsedText {
    var parser = TextParser(text, file: file, ops: ops, blobs: blobs)
    var functions: [Function] = []
    var places: [[Location]] = []
    while parser.token.kind != .end && !parser.isFull {
      let start = parser.index
      do {
        functions.append(try parser.parseFunction())
        places.append(parser.places)
      } catch {
        parser.report(error)
        parser.depth = 0
        if parser.index == start { parser.advance() }
        while parser.token.kind != .end && !(parser.token.startsLine && parser.isWord("func")) { parser.advance() }
      }
    }
    // The lexer's messages come first otherwise.
    let sorted = parser.diagnostics.enumerated().map { (place: place($0.element), $0.offset, $0.element) }
      .sorted { ($0.place, $0.1) < ($1.place, $1.1) }
    return ParsedText(functions: functions, diagnostics: sorted.map { $0.2 }, places: places)
  }

  private static func place(_ diagnostic: Diagnostic) -> Int {
    guard case .source(_, let line, let column) = diagnostic.location else { return 0 }
    return line << 20 | min(column, 1 << 20 - 1)
  }

  // MARK: Tokens

  var token: Token { tokens[index] }
  /// The token after the current one.
  var next: Token { tokens[min(index + 1, tokens.count - 1)] }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  func isWord(_ text: String) -> Bool { token.kind == .word && token.text == text }
  func isPunctuation(_ text: String) -> Bool { token.kind == .punctuation && token.text == text }

  mutating func acceptWord(_ text: String) -> Bool {
    guard isWord(text) else { return false }
    advance()
    return true
  }

  mutating func accept(_ text: String) -> Bool {
    guard isPunctuation(text) else { return false }
    advance()
    return true
  }

  mutating func expect(_ text: String) throws { if !accept(text) { throw expected("'\(text)'") } }

  mutating func expect(_ kind: Token.Kind, _ what: String) throws -> Token {
    guard token.kind == kind else { throw expected(what) }
    defer { advance() }
    return token
  }

  // MARK: Diagnostics

  var isFull: Bool { diagnostics.count >= TextParser.diagnosticLimit }

  func place(_ token: Token) -> Location { .source(file: file, line: token.line, column: token.column) }

  func failure(_ id: String, _ message: String, at token: Token) -> Diagnostic {
    Diagnostic(id, message, at: place(token))
  }

  func expected(_ what: String) -> Diagnostic {
    failure("syntax", "expected \(what), found \(token.shown)", at: token)
  }

  mutating func report(_ error: any Error) {
    guard !isFull else { return }
    diagnostics.append((error as? Diagnostic ?? Diagnostic("internal", "\(error)")).located(at: place(token)))
  }

  /// Runs a step one level deeper; refuses where the text nests too deeply for the stack.
  mutating func nested<T>(_ step: (inout TextParser) throws -> T) throws -> T {
    guard depth < TextParser.depthLimit else {
      throw failure("too-deep", "this nests more than \(TextParser.depthLimit) deep", at: token)
    }
    depth += 1
    defer { depth -= 1 }
    return try step(&self)
  }

  /// Items with commas between them, up to and with the closing mark.
  mutating func list<T>(until close: String, _ item: (inout TextParser) throws -> T) throws -> [T] {
    var items: [T] = []
    if accept(close) { return items }
    repeat { items.append(try item(&self)) } while accept(",")
    try expect(close)
    return items
  }
}
