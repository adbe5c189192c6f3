import Foundation

extension TextParser {
  /// `{axis: 1, keep: true}`
  mutating func record() throws -> [Attribute.Field] {
    try expect("{")
    var names: Set<String> = []
    return try list(until: "}") { parser in
      let name = parser.token
      guard name.kind == .word || name.kind == .string else { throw parser.expected("the name of an attribute") }
      parser.advance()
      guard names.insert(name.text).inserted else {
        throw parser.failure("redefined", "the attribute \(name.shown) is written twice", at: name)
      }
      try parser.expect(":")
      return Attribute.Field(name.text, try parser.attribute())
    }
  }

  mutating func attribute() throws -> Attribute {
    try nested { try $0.attributeAtDepth() }
  }

  private mutating func attributeAtDepth() throws -> Attribute {
    switch token.kind {
    case .number: return try number()
    case .word: return try word()
    case .string:
      defer { advance() }
      return .string(token.text)
    default: break
    }
    if isPunctuation("-") { return try number() }
    if isPunctuation("{") { return .record(try record()) }
    if accept("[") { return .list(try list(until: "]") { try $0.attribute() }) }
    guard accept("<") else { throw expected("an attribute") }
    let value = try dimension()
    try expect(">")
    return value.attribute
  }

  private mutating func number() throws -> Attribute {
    let start = token
    let text = try numberText()
    if let value = Int(text), text != "-0" { return .integer(value) }
    let isWhole = text.utf8.allSatisfy { TextForm.isDigit($0) || $0 == UInt8(ascii: "-") }
    guard !isWhole || text == "-0", let value = Double(text), value.isFinite || !TextForm.isDigit(text.utf8.last ?? 0)
    else { throw failure("number", "\(text) does not fit in 64 bits", at: start) }
    return .number(value)
  }

  /// A number with its sign, as text: `-1.5`, `inf`, `nan`.
  mutating func numberText() throws -> String {
    let sign = accept("-") ? "-" : ""
    if isWord("inf") || isWord("nan") || token.kind == .number {
      defer { advance() }
      return sign + token.text
    }
    throw expected("a number")
  }

  private mutating func word() throws -> Attribute {
    let start = token
    if start.text == "inf" || start.text == "nan" { return try number() }
    advance()
    switch start.text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "none": return .none
    case "layout":
      try expect("(")
      let value = try layout()
      try expect(")")
      return .layout(value)
    case "dense": return .tensor(try dense(start))
    case "blob": return .tensor(try blob(start))
    default:
      guard let elementType = ElementType(rawValue: start.text) else { return .string(start.text) }
      return isPunctuation("[") ? .type(try tensorType(of: elementType)) : .elementType(elementType)
    }
  }

  // MARK: Tensors

  mutating func elementType() throws -> ElementType {
    let word = try expect(.word, "an element type")
    guard let result = ElementType(rawValue: word.text) else {
      throw failure("syntax", "\(word.shown) is not an element type", at: word)
    }
    return result
  }

  /// `f32, [2, 3]`
  private mutating func tensorHead() throws -> (ElementType, [Int]) {
    let type = try elementType()
    try expect(",")
    try expect("[")
    return (type, try list(until: "]") { try $0.integer() })
  }

  /// `dense(f32, [2], [0.5, 1.0])`, `dense(f16, [2], hex "003c0040")`
  private mutating func dense(_ start: Token) throws -> TensorLiteral {
    try expect("(")
    let (type, shape) = try tensorHead()
    try expect(",")
    var bytes = Data()
    if acceptWord("hex") {
      let digits = try expect(.string, "hexadecimal digits")
      guard let read = TextParser.bytes(hex: digits.text) else {
        throw failure("number", "these are not pairs of hexadecimal digits", at: digits)
      }
      bytes = read
      try expect(")")
    } else {
      try expect("[")
      _ = try list(until: "]") { parser in
        let place = parser.token
        let text = try parser.numberText()
        guard TextParser.append(text, as: type, to: &bytes) else {
          throw parser.failure("number", "\(text) is not a number of type \(type)", at: place)
        }
      }
      try expect(")")
    }
    guard let literal = TensorLiteral(type, shape: shape, bytes: bytes) else {
      throw failure("tensor-size", "the elements do not fill the shape \(shape)", at: start)
    }
    return literal
  }

  /// `blob("mlp.tir.blob", 64, f32, [784, 128], hash "…")`, or without file and offset
  private mutating func blob(_ start: Token) throws -> TensorLiteral {
    try expect("(")
    var file: String?
    var offset: Int?
    if token.kind == .string {
      file = token.text
      advance()
      try expect(",")
      offset = try integer()
      try expect(",")
    }
    let (type, shape) = try tensorHead()
    try expect(",")
    guard acceptWord("hash") else { throw expected("'hash'") }
    let digits = try expect(.string, "the hash")
    try expect(")")
    guard let hash = UInt64(digits.text, radix: 16) else {
      throw failure("number", "this is not a hash of 64 bits", at: digits)
    }
    let reference = BlobReference(file: file, offset: offset, elementType: type, shape: shape, hash: hash)
    guard let blobs else {
      throw failure("blob-missing", "the bytes of this tensor are in a blob, and none was given", at: start)
    }
    do { return try blobs.tensor(reference) } catch {
      let diagnostic = error as? Diagnostic ?? Diagnostic("blob-missing", "\(error)")
      throw failure(diagnostic.id, diagnostic.message, at: start)
    }
  }

  private static func bytes(hex: String) -> Data? {
    let digits = hex.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
    let values = digits.compactMap { $0 }
    var bytes = Data(capacity: values.count / 2)
    for place in stride(from: 0, to: values.count, by: 2) {
      let byte: Int = values[place] << 4 | values[place + 1]
      bytes.append(UInt8(byte))
    }
    return bytes
  }

  private static func append(_ text: String, as type: ElementType, to data: inout Data) -> Bool {
    func put<T>(_ value: T?) -> Bool {
      guard let value else { return false }
      withUnsafeBytes(of: value) { data.append(contentsOf: $0) }
      return true
    }
    switch type {
    case .f32: return put(text == "nan" ? Float.nan : Float(text))
    case .f64: return put(text == "nan" ? Double.nan : Double(text))
    case .i8: return put(Int8(text))
    case .i16: return put(Int16(text))
    case .i32: return put(Int32(text))
    case .i64: return put(Int64(text))
    case .u8, .bool: return put(UInt8(text))
    case .u16: return put(UInt16(text))
    case .u32: return put(UInt32(text))
    case .u64: return put(UInt64(text))
    case .f16, .bf16, .i4, .u4: return false
    }
  }
}
