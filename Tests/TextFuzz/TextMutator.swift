import TestSupport

/// Damages the text of functions so that much of it still means something: tokens, numbers, names, types, layouts, lines.
struct TextMutator {
  private var random: Mutations
  /// Words, numbers and strings of the whole corpus, and what is at home nowhere in it.
  private let words: [String]

  private static let extremes = [
    "0", "1", "2", "3", "5", "7", "16", "17", "64", "-1", "-2", "127", "255", "1000", "65536", "2147483647",
    "2147483648", "4294967296", "1099511627776", "4611686018427387904", "9223372036854775807",
    "-9223372036854775808", "-9223372036854775807", "1e308", "-0.0", "nan", "inf", "-inf", "1e-320",
  ]
  private static let elements = [
    "f64", "f32", "f16", "bf16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool", "i4", "u4",
  ]
  private static let layouts = [
    " in nhwc", " in nChw16c", " in acb", " in abC16c", " in hwcn", " in Nchw32n", " in ba", " in Ba16b", " in bA8a",
  ]
  private static let dimensions = [
    "n", "m", "n + 1", "n - 5", "2*n", "floordiv(n, 2)", "mod(n, 3)", "min(n, m)", "max(n, 4)", "broadcast(n, m)",
    "n*m", "n*n*n", "4611686018427387904*n", "floordiv(n + 4611686018427387904, 3)", "overflow",
  ]
  private static let pieces = [
    "{", "}", "(", ")", "[", "]", "<", ">", ",", ":", "=", "_", "yield", "return", "fused", "requires", "where", "in",
    "reuses", "layout(nChw16c)", "layout(nhwc)", "none", "true", "false", "[]", "{}", "<n>", "overflow",
  ]

  init(seed: UInt64, words: [String]) {
    random = Mutations(seed: seed)
    self.words = words
  }

  private mutating func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }
  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  /// A damaged copy.
  mutating func mutated(_ text: String) -> String {
    var text = chance(60) ? TextTokens.withoutResultTypes(text) : text
    for _ in 0..<pick([1, 1, 1, 2, 2, 3, 4]) { text = chance(20) ? withLines(text) : withTokens(text) }
    return text
  }

  private mutating func withLines(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count > 2 else { return text }
    let place = Int.random(in: 0..<lines.count, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: lines.remove(at: place)
    case 1: lines.insert(lines[place], at: Int.random(in: 0...lines.count, using: &random))
    default: lines.swapAt(place, Int.random(in: 0..<lines.count, using: &random))
    }
    return lines.joined(separator: "\n")
  }

  /// The numbers of the text, to be exchanged.
  private func numbersNear(_ place: Int, _ tokens: [String]) -> [String] {
    tokens.filter { TextTokens.isNumber($0) && $0 != tokens[place] } + ["1"]
  }

  private mutating func withTokens(_ text: String) -> String {
    var tokens = TextTokens.split(text)
    let solid = tokens.indices.filter { !TextTokens.isBlank(tokens[$0]) }
    guard !solid.isEmpty else { return text }
    var place = pick(solid)
    // What stands for numbers, values and types is damaged most: it is still a text then, and means something else.
    let chosen = solid.filter {
      TextTokens.isNumber(tokens[$0]) || tokens[$0].hasPrefix("%") || Self.elements.contains(tokens[$0])
    }
    if chance(85), !chosen.isEmpty { place = pick(chosen) }
    let token = tokens[place]
    if TextTokens.isNumber(token) {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5: tokens[place] = pick(Self.extremes)
      case 5..<7: tokens[place] = Int(token).map { "\($0 &+ pick([-1, 1]))" } ?? pick(Self.extremes)
      case 7: tokens[place] = pick(Self.dimensions)
      case 8: tokens[place] = pick(numbersNear(place, tokens))
      default: tokens[place] = token + ", " + pick(Self.extremes)
      }
    } else if token.hasPrefix("%") {
      let values = solid.map { tokens[$0] }.filter { $0.hasPrefix("%") }
      tokens[place] = chance(12) ? "_" : chance(8) ? "" : chance(15) ? "\(token), \(pick(values))" : pick(values)
    } else if Self.elements.contains(token) {
      tokens[place] = pick(Self.elements)
    } else if token == "]", chance(40) {
      tokens[place] = "]" + pick(Self.layouts)
    } else {
      switch Int.random(in: 0..<6, using: &random) {
      case 0: tokens[place] = ""
      case 1: tokens[place] = token + " " + token
      case 2: tokens[place] = pick(Self.pieces)
      case 3: tokens.swapAt(place, pick(solid))
      default: tokens[place] = token.first?.isLetter ?? false ? pick(words) : pick(Self.pieces)
      }
    }
    return tokens.joined()
  }
}

/// Text in the pieces that mutation exchanges.
enum TextTokens {
  static func isBlank(_ token: String) -> Bool { token.allSatisfy(\.isWhitespace) }
  static func isNumber(_ token: String) -> Bool {
    let digits = token.hasPrefix("-") ? token.dropFirst() : token[...]
    return digits.first?.isNumber ?? false
  }

  /// Words, numbers, values, strings, blanks and single marks; joined they are the text again.
  static func split(_ text: String) -> [String] {
    var tokens: [String] = []
    var rest = text[...]
    func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }
    while let first = rest.first {
      var end = rest.index(after: rest.startIndex)
      if first.isWhitespace {
        end = rest.firstIndex { !$0.isWhitespace } ?? rest.endIndex
      } else if first == "\"" {
        end = rest[end...].firstIndex(of: "\"").map { rest.index(after: $0) } ?? rest.endIndex
      } else if isWord(first) || first == "%" || first == "@" || first == "-" && rest[end...].first?.isNumber ?? false {
        end = rest[end...].firstIndex { !isWord($0) && $0 != "." } ?? rest.endIndex
      }
      tokens.append(String(rest[..<end]))
      rest = rest[end...]
    }
    return tokens
  }

  /// The text without what is inferred again, so that a change of one type goes through all that follows.
  static func withoutResultTypes(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("func"), let arrow = line.firstRange(of: ") -> ") {
        let facts = line.firstRange(of: " where ").map { String(line[$0.lowerBound...]) } ?? " {"
        return line[..<arrow.lowerBound] + ")" + facts
      }
      guard line.hasPrefix("  "), let types = line.ranges(of: " : ").last else { return String(line) }
      let after = line[types.upperBound...]
      // Not the types of a region's parameters.
      return after.contains("{") || after.contains(")") && line.contains("{ (")
        ? String(line) : String(line[..<types.lowerBound])
    }.joined(separator: "\n")
  }
}
