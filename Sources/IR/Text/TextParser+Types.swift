extension TextParser {
  /// `f32[batch, 784] in nhwc`
  mutating func tensorType() throws -> TensorType {
    let word = try expect(.word, "a type such as f32[2, n]")
    guard let elementType = ElementType(rawValue: word.text) else {
      throw failure("syntax", "\(word.shown) is not an element type", at: word)
    }
    return try tensorType(of: elementType)
  }

  /// The rest of a type after its element type.
  mutating func tensorType(of elementType: ElementType) throws -> TensorType {
    let start = token
    try expect("[")
    let shape = try list(until: "]") { try $0.dimension() }
    if let fault = TensorType(elementType, shape).sizeFault, !shape.contains(where: \.holdsOverflow) {
      throw failure("overflow", fault, at: start)
    }
    guard acceptWord("in") else { return TensorType(elementType, shape) }
    let word = token
    let layout = try layout()
    guard layout.fits(rank: shape.count) else {
      throw failure("layout", "the layout \(layout) does not fit rank \(shape.count)", at: word)
    }
    return TensorType(elementType, shape, layout: layout)
  }

  mutating func layout() throws -> Layout {
    let word = try expect(.word, "a layout such as nhwc")
    guard let layout = Layout(word.text) else { throw failure("layout", "\(word.shown) is not a layout", at: word) }
    return layout
  }

  /// A whole number with its sign.
  mutating func integer() throws -> Int {
    let sign = accept("-") ? "-" : ""
    let number = try expect(.number, "a whole number")
    guard let value = Int(sign + number.text) else {
      throw failure("number", "\(sign)\(number.text) is not a whole number of 64 bits", at: number)
    }
    return value
  }

  /// A sum of products: `2*batch*h + 3`
  mutating func dimension() throws -> Dimension {
    try nested { parser in
      var sum = try parser.product(negative: parser.accept("-"))
      while parser.isPunctuation("+") || parser.isPunctuation("-") {
        let negative = parser.isPunctuation("-")
        parser.advance()
        sum = sum + (try parser.product(negative: negative))
      }
      return sum
    }
  }

  private mutating func product(negative: Bool) throws -> Dimension {
    // The sign belongs to the first number, since the least integer has no positive counterpart.
    var result: Dimension
    if token.kind == .number {
      guard let value = Int((negative ? "-" : "") + token.text) else {
        throw failure("number", "\(token.text) is not a whole number of 64 bits", at: token)
      }
      advance()
      result = Dimension(value)
    } else {
      result = try factor()
      if negative { result = -result }
    }
    while accept("*") { result = result * (try factor()) }
    return result
  }

  private mutating func factor() throws -> Dimension {
    if accept("(") {
      let inner = try dimension()
      try expect(")")
      return inner
    }
    let start = token
    advance()
    switch start.kind {
    case .string: return Dimension(symbol: start.text)
    case .number:
      guard let value = Int(start.text) else {
        throw failure("number", "\(start.text) is not a whole number of 64 bits", at: start)
      }
      return Dimension(value)
    case .word:
      if start.text == "overflow" { return .overflow }
      if isPunctuation("(") { return try atom(start) }
      if Dimension.isPlainName(start.text) { return Dimension(symbol: start.text) }
    default: break
    }
    throw failure("syntax", "expected a dimension, found \(start.shown)", at: start)
  }

  /// `floordiv(h + 1, 2)`
  private mutating func atom(_ name: Token) throws -> Dimension {
    try expect("(")
    let operands = try list(until: ")") { try $0.dimension() }
    guard operands.count == 2 else {
      throw failure("syntax", "\(name.shown) takes two dimensions, not \(operands.count)", at: name)
    }
    switch name.text {
    case "min": return .minimum(operands[0], operands[1])
    case "max": return .maximum(operands[0], operands[1])
    case "broadcast": return .broadcast(operands[0], operands[1])
    case "floordiv", "mod":
      if let divisor = operands[1].constant, divisor < 1 {
        throw failure("division", "a divisor is at least 1, not \(divisor)", at: name)
      }
      return name.text == "mod" ? operands[0].modulo(operands[1]) : operands[0].floorDivided(by: operands[1])
    default: throw failure("syntax", "\(name.shown) is none of floordiv, mod, min, max, broadcast", at: name)
    }
  }
}

extension Dimension {
  /// Reads the text form; throws a ``Diagnostic``.
  public init(text: String) throws {
    var parser = TextParser(text, file: "dimension", ops: OpDirectory([]), blobs: nil)
    let value = try parser.dimension()
    guard parser.token.kind == .end else { throw parser.expected("the end of the dimension") }
    if let first = parser.diagnostics.first { throw first }
    self = value
  }
}
