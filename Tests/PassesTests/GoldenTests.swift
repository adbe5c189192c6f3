import Foundation
import TensorIR
import Testing

@testable import TensorPasses

/// Every file under Tests/Golden holds. `UPDATE_GOLDENS=1 swift test --filter GoldenTests` rewrites their outputs.
@Suite struct GoldenTests {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("Golden")

  static var files: [String] {
    let found = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".tir") }.sorted()
  }

  @Test func thereAreGoldens() { #expect(!Self.files.isEmpty) }

  @Test(arguments: files)
  func holds(_ file: String) throws {
    let update = ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil
    let report = try GoldenCheck.run(path: Self.directory.appendingPathComponent(file).path, update: update)
    #expect(report.diagnostics.isEmpty, "\(report.diagnostics.map(\.description).joined(separator: "\n"))")
  }
}

/// What the checker itself refuses.
@Suite struct GoldenCheckTests {
  private let body = """
    func @f(%x: f32[n]) -> f32[n] {
      %a = negate %x : f32[n]
      %b = negate %a : f32[n]
      return %b
    }

    """

  private func messages(_ text: String, update: Bool = false) -> String {
    GoldenCheck(text, file: "a.tir").check(update: update).diagnostics.map(\.description).joined(
      separator: "\n")
  }

  @Test func updateWritesTheOutput() throws {
    let text = "// pass: simplify\n// claim: absent negate\n" + body
    #expect(messages(text).contains("no output yet"))
    let updated = try #require(GoldenCheck(text, file: "a.tir").check(update: true).text)
    #expect(updated.hasPrefix(text + GoldenFile.marker + "\nfunc @f"))
    #expect(messages(updated).isEmpty)
    #expect(GoldenCheck(updated, file: "a.tir").check(update: true).text == updated)
    #expect(
      messages(updated.replacingOccurrences(of: "return %x\n}\n", with: "return %y\n}\n")).contains(
        "out of date"))
  }

  @Test func updateRefusesAClaimThatFails() {
    let report = GoldenCheck("// pass: simplify\n// claim: count negate == 2\n" + body, file: "a.tir").check(
      update: true)
    #expect(report.text == nil)
    #expect(
      report.diagnostics.map(\.description).joined().contains(
        "a.tir:2:1: error: @f: 'count negate == 2' does not hold"))
  }

  @Test(arguments: [
    ("// passes: simplify\n", "there is no directive 'passes'"),
    ("// pass: simplfy\n", "there is no pass 'simplfy'"),
    ("// pass: simplify\n// claim: absnt negate\n", "a claim is absent OP"),
    ("// pass: simplify\n// claim: absent negatee\n", "there is no op 'negatee'"),
    ("// pass: simplify\n// claim: applies double-negatio\n", "there is no rule 'double-negatio'"),
    ("// pass: simplify\n// claim: count negate = 1\n", "a count is compared as in"),
    ("// pass: simplify\n// tolerance: small\n", "a tolerance is a positive number"),
    ("", "tests nothing"),
  ])
  func misspeltDirectivesFail(_ head: String, _ message: String) {
    #expect(messages(head + body).contains(message))
  }

  @Test func errorsAreHeldToTheirLine() {
    let wrong = body.replacingOccurrences(of: "%b = negate %a : f32[n]", with: "%b = negate %c : f32[n]")
    let marked = wrong.replacingOccurrences(of: "%c : f32[n]", with: "%c : f32[n] // error: '%c'")
    #expect(messages(marked).isEmpty)
    let misplaced = messages(wrong + "// error: '%c'\n")
    #expect(misplaced.contains("a.tir:3:") && misplaced.contains("expected an error here"))
  }
}
