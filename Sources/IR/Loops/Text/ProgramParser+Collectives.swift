extension ProgramParser {
  /// `start all_reduce 3 sum f32 root 0 (temporary 1 to temporary 4 count n) at …`; nil where another step stands.
  mutating func collective() throws -> Step.Collective? {
    guard let phase = Step.Collective.Phase(rawValue: text.token.text), text.token.kind == .word else { return nil }
    text.advance()
    guard let kind = Step.Collective.Kind(rawValue: text.token.text) else { throw text.expected("what ranks do") }
    text.advance()
    let number = try text.integer()
    guard let reduction = RankReduction(rawValue: text.token.text) else {
      throw text.expected("'sum', 'mean' or 'maximum'")
    }
    text.advance()
    guard let type = ElementType(rawValue: text.token.text) else { throw text.expected("an element type") }
    text.advance()
    try word("root")
    let root = try text.integer()
    let ranks = text.acceptWord("ranks") ? try text.dimension() : nil
    var result = Step.Collective(kind, reduction, type, root: root, ranks: ranks, parts: try parts())
    result.location = text.isWord("at") ? try text.location() : .unknown
    (result.phase, result.number) = (phase, number)
    return result
  }

  private mutating func parts() throws -> [Step.Collective.Part] {
    try text.expect("(")
    var parts: [Step.Collective.Part] = []
    repeat {
      let send = try memory()
      try word("to")
      let receive = try memory()
      try word("count")
      parts.append(.init(send: send, receive: receive, count: try text.dimension()))
    } while text.accept(",")
    try text.expect(")")
    return parts
  }

  private mutating func word(_ word: String) throws {
    guard text.acceptWord(word) else { throw text.expected("'\(word)'") }
  }
}
