import TensorIR
import TensorOps

/// What an author says of the output of a golden: `absent negate`, `present gather`, `count transpose == 1`,
/// `applies double-negation`, `unchanged`.
struct GoldenClaim {
  enum Kind {
    /// How many operations of a kind there are.
    case count(op: String, comparison: String, number: Int)
    /// That a rewrite rule was applied.
    case applies(rule: String)
    /// That the output is the input.
    case unchanged
  }

  var kind: Kind
  var text: String
  var line: Int

  /// Throws a ``Diagnostic`` where the text is none of these, or names no op or rule that there is.
  init(_ text: String, line: Int) throws {
    let words = text.split(separator: " ").map(String.init)
    self.text = text
    self.line = line
    switch (words.first, words.count) {
    case ("absent", 2): kind = .count(op: words[1], comparison: "==", number: 0)
    case ("present", 2): kind = .count(op: words[1], comparison: ">=", number: 1)
    case ("count", 4):
      guard let number = Int(words[3]), GoldenClaim.comparisons[words[2]] != nil else {
        throw Diagnostic("golden", "a count is compared as in 'count \(words[1]) == 1'")
      }
      kind = .count(op: words[1], comparison: words[2], number: number)
    case ("applies", 2): kind = .applies(rule: words[1])
    case ("unchanged", 1): kind = .unchanged
    default:
      throw Diagnostic("golden", "a claim is absent OP, present OP, count OP == N, applies RULE or unchanged")
    }
    try checkNames()
  }

  private static let comparisons: [String: @Sendable (Int, Int) -> Bool] = [
    "==": { $0 == $1 }, "<=": { $0 <= $1 }, ">=": { $0 >= $1 }, "<": { $0 < $1 }, ">": { $0 > $1 },
  ]

  private func checkNames() throws {
    switch kind {
    case .count(let op, _, _) where !Registry.types.contains { $0.name == op }:
      throw Diagnostic("golden", "there is no op '\(op)'")
    case .applies(let rule) where !(try Simplify.rules()).contains { $0.name == rule }:
      throw Diagnostic("golden", "there is no rule '\(rule)'")
    default: break
    }
  }

  /// Why the claim does not hold; nil if it does.
  func failure(input: Function, output: Function, applied: [RewriteEvent]) -> String? {
    switch kind {
    case .count(let op, let comparison, let number):
      var count = 0
      output.forEachOperation { if $0.op.name == op { count += 1 } }
      let holds = GoldenClaim.comparisons[comparison]?(count, number) ?? false
      return holds ? nil : "'\(text)' does not hold: there are \(count)"
    case .applies(let rule):
      if applied.contains(where: { $0.rule == rule }) { return nil }
      let names = applied.map(\.rule).uniqued()
      return
        "'\(text)' does not hold: applied were \(names.isEmpty ? "no rules" : names.joined(separator: ", "))"
    case .unchanged:
      return input.text(.brief) == output.text(.brief) ? nil : "'\(text)' does not hold"
    }
  }
}
