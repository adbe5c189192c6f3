import TensorIR

/// A golden file taken apart:
///
///     // pass: simplify
///     // claim: absent negate
///     // claim: count transpose == 1
///     func @f(%x: f32[n]) -> f32[n] { … }
///     // ==== output, written by tensorc check --update ====
///     func @f(%x: f32[n]) -> f32[n] { … }
///
/// All above the marker is the author's, all below it the tool's. A file without passes tests errors: each line that
/// has one ends in `// error: text`, a part of the message, and nothing else may be wrong.
struct GoldenFile {
  static let marker = "// ==== output, written by tensorc check --update ===="

  let file: String
  /// What stands above the marker.
  let input: String
  /// What stands below it; nil where there is no marker.
  let output: String?
  var passes: [NamedPass] = []
  var claims: [GoldenClaim] = []
  /// The relative error that results may have; nil where the bits must be the same.
  var tolerance: Double?
  var errors: [(line: Int, text: String)] = []
  /// What is wrong with the directives.
  var diagnostics: [Diagnostic] = []

  init(_ text: String, file: String) {
    self.file = file
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let place = lines.firstIndex(of: GoldenFile.marker)
    input = lines.prefix(place ?? lines.count).joined(separator: "\n")
    output = place.map { lines.suffix(from: $0 + 1).joined(separator: "\n") }
    for (index, line) in lines.prefix(place ?? lines.count).enumerated() { read(line, index + 1) }
    if passes.isEmpty && errors.isEmpty && diagnostics.isEmpty {
      report("this file has neither '// pass:' nor '// error:' and tests nothing", 1)
    }
    if !passes.isEmpty && !errors.isEmpty {
      report("a file with '// pass:' cannot have '// error:' too", errors[0].line)
    }
  }

  private mutating func report(_ message: String, _ line: Int) {
    diagnostics.append(Diagnostic("golden", message, at: .source(file: file, line: line, column: 1)))
  }

  /// A comment of one word and a colon is a directive; others are prose, which begins otherwise.
  private mutating func read(_ line: String, _ number: Int) {
    guard let start = line.firstRange(of: "// ") else { return }
    let comment = line[start.upperBound...]
    guard let colon = comment.firstIndex(of: ":"), comment[..<colon].allSatisfy({ $0.isLetter || $0 == "-" })
    else {
      return
    }
    let value = String(comment[comment.index(after: colon)...]).trimmed
    let isAlone = line[..<start.lowerBound].allSatisfy { $0 == " " }
    switch comment[..<colon] {
    case "pass" where isAlone:
      for name in value.split(separator: ",").map({ String($0).trimmed }) {
        if let pass = NamedPass.named(name) {
          passes.append(pass)
        } else {
          report(unknown(pass: name), number)
        }
      }
    case "claim" where isAlone:
      do { claims.append(try GoldenClaim(value, line: number)) } catch {
        report((error as? Diagnostic)?.message ?? "\(error)", number)
      }
    case "tolerance" where isAlone:
      if let number = Double(value), number > 0 {
        tolerance = number
      } else {
        report("a tolerance is a positive number, not '\(value)'", number)
      }
    case "error": errors.append((number, value))
    default:
      report(
        "there is no directive '\(comment[..<colon])'; there are pass, claim, tolerance and error", number)
    }
  }

  private func unknown(pass name: String) -> String {
    "there is no pass '\(name)'; there are \(NamedPass.all.map(\.name).joined(separator: ", "))"
  }
}

extension String {
  /// The string without blanks at its ends.
  var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
