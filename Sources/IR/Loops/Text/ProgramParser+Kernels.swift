extension ProgramParser {
  /// `kernel @name(read x.2: f32, write y.3: f32, n0.4: index) { … }`
  mutating func kernel() throws -> Kernel {
    guard text.acceptWord("kernel") else { throw text.expected("'kernel'") }
    var kernel = Kernel(name: try text.expect(.function, "a name such as @matmul_0").text)
    (variables, buffers) = ([:], [:])
    for variable in [kernel.thread, kernel.team] { variables["\(variable.name).\(variable.id)"] = variable }
    try text.expect("(")
    while !text.accept(")") {
      if let access = Kernel.Parameter.Access(rawValue: text.token.text), text.next.kind == .word {
        text.advance()
        kernel.buffers.append(.init(try newBuffer(), access))
      } else {
        kernel.scalars.append(try newVariable())
      }
      if !text.isPunctuation(")") { try text.expect(",") }
    }
    try text.expect("{")
    while text.acceptWord("about") { kernel.comments.append(try text.expect(.string, "a text").text) }
    kernel.body = try block()
    return kernel
  }

  /// The statements up to the brace, which is read.
  private mutating func block() throws -> [Statement] {
    let outside = (variables, buffers)
    defer { (variables, buffers) = outside }
    var statements: [Statement] = []
    while !text.accept("}") { statements.append(try nested { try $0.statement() }) }
    return statements
  }

  mutating func nested<T>(_ step: (inout ProgramParser) throws -> T) throws -> T {
    guard text.depth < 4 * TextParser.depthLimit else {
      throw text.failure("too-deep", "this nests too deep", at: text.token)
    }
    text.depth += 1
    defer { text.depth -= 1 }
    return try step(&self)
  }

  // MARK: Names

  /// A name and its number: `sum.12`.
  private mutating func newName() throws -> (name: String, id: Int, token: Token) {
    let token = try text.expect(.word, "a name with its number, such as x.2")
    let parts = token.text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let id = Int(parts[1]), id >= 0 else {
      throw text.failure("syntax", "\(token.shown) is not a name with its number, such as x.2", at: token)
    }
    return (String(parts[0]), id, token)
  }

  private mutating func newVariable() throws -> Variable {
    let (name, id, token) = try newName()
    try text.expect(":")
    let variable = Variable(id: id, name: name, type: try loopType())
    variables[token.text] = variable
    return variable
  }

  private mutating func newBuffer() throws -> Buffer {
    let (name, id, token) = try newName()
    try text.expect(":")
    let buffer = Buffer(id: id, name: name, element: try text.elementType())
    buffers[token.text] = buffer
    return buffer
  }

  /// A buffer that is there already.
  mutating func buffer() throws -> Buffer {
    let token = try text.expect(.word, "a buffer such as x.2")
    guard let buffer = buffers[token.text] else {
      throw text.failure("undefined", "there is no buffer \(token.shown) here", at: token)
    }
    return buffer
  }

  /// `f32x16`, `i64`, `index`
  mutating func loopType() throws -> LoopType {
    let token = try text.expect(.word, "a type such as f32x16 or index")
    guard let type = LoopType(parsing: token.text) else {
      throw text.failure("syntax", "\(token.shown) is not a type of the loop IR", at: token)
    }
    return type
  }

  // MARK: Statements

  private mutating func statement() throws -> Statement {
    let start = text.token
    if start.kind == .word, !start.text.contains(".") {
      text.advance()
      return try statement(start)
    }
    if let buffer = buffers[start.text], text.next.text == "[" {
      text.advance()
      let (offset, count) = try place()
      try text.expect("=")
      return .store(buffer, offset, try expression(), count: count)
    }
    guard let variable = variables[start.text] else {
      throw text.failure("syntax", "expected a statement, found \(start.shown)", at: start)
    }
    text.advance()
    try text.expect("=")
    return .assign(variable, try expression())
  }

  private mutating func statement(_ word: Token) throws -> Statement {
    switch word.text {
    case "let", "var":
      let (name, id, token) = try newName()
      try text.expect(":")
      let variable = Variable(id: id, name: name, type: try loopType())
      try text.expect("=")
      let value = try expression()
      variables[token.text] = variable
      return .declare(variable, value, mutable: word.text == "var")
    case "array":
      let buffer = try newBuffer()
      try text.expect("[")
      let count = try text.integer()
      try text.expect("]")
      return .array(buffer, count: count)
    case "pointer": return try pointer()
    case "advance":
      let buffer = try buffer()
      return .advance(buffer, by: try behind("by"))
    case "stream":
      let buffer = try buffer()
      return .stream(buffer, bytes: try behind("bytes"))
    case "transpose": return try transposition()
    case "multiply_tiles": return try tileMultiplication()
    case "prefetch":
      let buffer = try buffer()
      return .prefetch(buffer, try place().offset)
    case "bad_index":
      let index = try expression()
      let extent = try behind("of")
      guard text.acceptWord("for") else { throw text.expected("'for'") }
      let op = try text.expect(.string, "the name of an op").text
      guard text.acceptWord("origin") else { throw text.expected("'origin'") }
      return .badIndex(index, extent: extent, of: op, origin: try text.integer())
    case "barrier": return .barrier
    case "note": return .comment(try text.expect(.string, "a text").text)
    default: return try control(word)
    }
  }

  private mutating func control(_ word: Token) throws -> Statement {
    switch word.text {
    case "for": return try loop()
    case "while":
      let condition = try expression()
      try text.expect("{")
      return .whileLoop(condition, try block())
    case "if":
      let condition = try expression()
      try text.expect("{")
      let then = try block()
      guard text.acceptWord("else") else { return .branch(condition, then: then, otherwise: []) }
      try text.expect("{")
      return .branch(condition, then: then, otherwise: try block())
    default: throw text.failure("syntax", "\(word.shown) begins no statement", at: word)
    }
  }

  private mutating func behind(_ word: String) throws -> Expression {
    guard text.acceptWord(word) else { throw text.expected("'\(word)'") }
    return try expression()
  }

  /// `[offset]`, `[offset first count]`
  private mutating func place() throws -> (offset: Expression, count: Expression?) {
    try text.expect("[")
    let offset = try expression()
    let count = text.isWord("first") ? try behind("first") : nil
    try text.expect("]")
    return (offset, count)
  }

  private mutating func pointer() throws -> Statement {
    let (name, id, token) = try newName()
    try text.expect("=")
    let source = try buffer()
    let offset = try place().offset
    let pointer = Buffer(id: id, name: name, element: source.element)
    buffers[token.text] = pointer
    return .pointer(pointer, into: source, offset: offset)
  }

  private mutating func loop() throws -> Statement {
    let (name, id, token) = try newName()
    guard text.acceptWord("in") else { throw text.expected("'in'") }
    let from = try expression()
    try text.expect("..")
    try text.expect("<")
    let to = try expression()
    let step = text.isWord("by") ? try behind("by") : 1
    var unroll = Statement.Loop.Unroll.compiler
    if text.acceptWord("unroll") {
      let how = try text.expect(.word, "'full', 'four' or 'none'")
      guard let known = Statement.Loop.Unroll(rawValue: how.text) else {
        throw text.failure("syntax", "a loop is unrolled 'full', 'four' or 'none', not \(how.shown)", at: how)
      }
      unroll = known
    }
    try text.expect("{")
    let variable = Variable(id: id, name: name, type: .index)
    let hidden = variables.updateValue(variable, forKey: token.text)
    let body = try block()
    variables[token.text] = hidden
    return .loop(.init(variable, from: from, to: to, step: step, unroll: unroll, body: body))
  }

  private mutating func transposition() throws -> Statement {
    let from = try stepped()
    guard text.acceptWord("to") else { throw text.expected("'to'") }
    let to = try stepped()
    return .transpose(BlockTransposition(from: from, to: to, lanes: try lanes() ?? 1))
  }

  private mutating func tileMultiplication() throws -> Statement {
    let left = try stepped()
    guard text.acceptWord("and") else { throw text.expected("'and'") }
    let right = (try buffer(), offset: try place().offset)
    guard text.acceptWord("to") else { throw text.expected("'to'") }
    let sums = (try buffer(), offset: try place().offset)
    let steps = try behind("steps")
    let product = TileMultiplication(
      sums: sums, left: (left.0, left.offset, left.step), right: right, steps: steps, rows: try behind("rows"))
    return .multiplyTiles(product)
  }

  private mutating func stepped() throws -> (Buffer, offset: Expression, step: Expression) {
    let buffer = try buffer()
    try text.expect("[")
    let offset = try expression()
    let step = try behind("by")
    try text.expect("]")
    return (buffer, offset, step)
  }

  /// `x16`, where it stands.
  mutating func lanes() throws -> Int? {
    guard text.token.kind == .word, text.token.text.first == "x", let lanes = Int(text.token.text.dropFirst()) else {
      return nil
    }
    guard (2...64).contains(lanes) else {
      throw text.failure("syntax", "a vector has 2 to 64 lanes, not \(lanes)", at: text.token)
    }
    text.advance()
    return lanes
  }
}

extension LoopType {
  /// `index`, `f32`, `i32x16`; nil for another text.
  init?(parsing text: String) {
    if text == "index" {
      self = .index
      return
    }
    guard let cross = text.firstIndex(of: "x") else {
      guard let element = ElementType(rawValue: text) else { return nil }
      self.init(element)
      return
    }
    guard let element = ElementType(rawValue: String(text[..<cross])),
      let lanes = Int(text[text.index(after: cross)...]),
      (2...64).contains(lanes)
    else { return nil }
    self.init(element, lanes: lanes)
  }
}
