/// A word of the text with its place.
struct Token {
  enum Kind {
    /// `func`, `f32`, `matmul`
    case word
    /// `%h`, `%7`, `%"odd name"`; the text is without the sign
    case value
    /// `@forward`
    case function
    case string
    /// Without a sign.
    case number
    case punctuation
    case end
  }

  var kind: Kind
  var text: String
  var line: Int
  var column: Int
  /// Whether nothing stands before it on its line; statements begin so.
  var startsLine: Bool
  /// Whether the name of a value or function stands in quotes.
  var isQuoted = false

  /// How it is quoted in messages.
  var shown: String {
    switch kind {
    case .end: "the end"
    case .value: "'%\(text)'"
    case .function: "'@\(text)'"
    default: text.utf8.count <= 40 ? "'\(text)'" : "'\(text.prefix(40))…'"
    }
  }
}

/// Splits a text into tokens. What it cannot read it reports and steps over.
struct Lexer {
  private let bytes: [UInt8]
  private let file: String
  /// Whether the signs of arithmetic in kernels mean something.
  private let hasArithmetic: Bool
  private var position = 0
  private var line = 1
  private var column = 1
  private var startsLine = true
  private(set) var tokens: [Token] = []
  private(set) var diagnostics: [Diagnostic] = []

  init(_ text: String, file: String, hasArithmetic: Bool) {
    bytes = Array(text.utf8)
    self.file = file
    self.hasArithmetic = hasArithmetic
  }

  static func tokens(
    of text: String, file: String, hasArithmetic: Bool = false
  ) -> (tokens: [Token], diagnostics: [Diagnostic]) {
    var lexer = Lexer(text, file: file, hasArithmetic: hasArithmetic)
    lexer.run()
    return (lexer.tokens, lexer.diagnostics)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
  private func byte(after distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  /// Columns count Unicode scalars, as editors do for most text.
  private mutating func advance() {
    let byte = bytes[position]
    position += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      column = 1
      startsLine = true
    } else if position >= bytes.count || bytes[position] & 0xC0 != 0x80 {
      column += 1
    }
  }

  private mutating func take(while condition: (UInt8) -> Bool) -> String {
    let start = position
    while let byte = current, condition(byte) { advance() }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func report(_ message: String, line: Int, column: Int) {
    diagnostics.append(Diagnostic("syntax", message, at: .source(file: file, line: line, column: column)))
  }

  private mutating func run() {
    while let byte = current {
      if byte == UInt8(ascii: "/") && self.byte(after: 1) == byte {
        _ = take { $0 != UInt8(ascii: "\n") }
      } else if [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(byte) {
        advance()
      } else {
        let (line, column, starts) = (self.line, self.column, startsLine)
        startsLine = false
        if let (kind, text) = token(byte, line: line, column: column) {
          let quoted = position > 0 && bytes[position - 1] == UInt8(ascii: "\"")
          tokens.append(
            Token(kind: kind, text: text, line: line, column: column, startsLine: starts, isQuoted: quoted))
        } else if starts {
          startsLine = true
        }
      }
    }
    tokens.append(Token(kind: .end, text: "", line: line, column: column, startsLine: true))
  }

  private mutating func token(_ byte: UInt8, line: Int, column: Int) -> (Token.Kind, String)? {
    if TextForm.isWordStart(byte) { return (.word, name()) }
    if TextForm.isDigit(byte) { return (.number, number()) }
    switch byte {
    case UInt8(ascii: "\""): return (.string, string())
    case UInt8(ascii: "%"), UInt8(ascii: "@"):
      if hasArithmetic, self.byte(after: 1) == UInt8(ascii: " ") {
        return punctuation(byte, line: line, column: column)
      }
      advance()
      let text = current == UInt8(ascii: "\"") ? string() : name()
      if text.isEmpty && bytes[position - 1] == byte { report("a name is missing", line: line, column: column) }
      return (byte == UInt8(ascii: "%") ? .value : .function, text)
    default: return punctuation(byte, line: line, column: column)
    }
  }

  private mutating func punctuation(_ byte: UInt8, line: Int, column: Int) -> (Token.Kind, String)? {
    let pair = String(decoding: [byte, self.byte(after: 1) ?? 0], as: UTF8.self)
    if ["->", "..", "==", "<="].contains(pair) || hasArithmetic && Lexer.arithmeticPairs.contains(pair) {
      advance()
      advance()
      return (.punctuation, pair)
    }
    if "(){}[]<>,:=+-*".utf8.contains(byte) || hasArithmetic && "/%&|^".utf8.contains(byte) {
      advance()
      return (.punctuation, String(UnicodeScalar(byte)))
    }
    repeat { advance() } while current.map { $0 & 0xC0 == 0x80 } ?? false
    report("this character has no meaning here", line: line, column: column)
    return nil
  }

  private static let arithmeticPairs: Set<String> = ["<<", ">>", "<=", ">=", "!=", "&&", "||"]

  /// Letters, digits and `_`, with points inside.
  private mutating func name() -> String {
    var result = take(while: TextForm.isWordByte)
    while current == TextForm.point, let next = byte(after: 1), TextForm.isWordByte(next) {
      advance()
      result += "." + take(while: TextForm.isWordByte)
    }
    return result
  }

  /// Digits, perhaps a fraction and an exponent; `1..64` is a number, two points and a number.
  private mutating func number() -> String {
    var result = take(while: TextForm.isDigit)
    if current == TextForm.point, let next = byte(after: 1), TextForm.isDigit(next) {
      advance()
      result += "." + take(while: TextForm.isDigit)
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      let signed = byte(after: 1) == UInt8(ascii: "-") || byte(after: 1) == UInt8(ascii: "+")
      if let digit = byte(after: signed ? 2 : 1), TextForm.isDigit(digit) {
        advance()
        result += "e"
        if signed {
          result += current == UInt8(ascii: "-") ? "-" : ""
          advance()
        }
        result += take(while: TextForm.isDigit)
      }
    }
    return result
  }

  /// A string in quotes, escapes resolved; it ends at the end of its line if its quote is missing.
  private mutating func string() -> String {
    let (startLine, startColumn) = (line, column)
    advance()
    var text: [UInt8] = []
    while let byte = current, byte != UInt8(ascii: "\n") {
      advance()
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") { text += escape() } else { text.append(byte) }
    }
    report("the string has no closing quote", line: startLine, column: startColumn)
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape() -> [UInt8] {
    let (line, column) = (self.line, self.column)
    guard let byte = current, byte != UInt8(ascii: "\n") else { return [] }
    advance()
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "u") where current == UInt8(ascii: "{"):
      advance()
      let digits = take(while: TextForm.isWordByte)
      if current == UInt8(ascii: "}"), let scalar = UInt32(digits, radix: 16).flatMap(UnicodeScalar.init) {
        advance()
        return Array(String(Character(scalar)).utf8)
      }
    default: break
    }
    report("an escape is one of \\\" \\\\ \\n \\t \\r \\u{…}", line: line, column: column)
    return []
  }
}
