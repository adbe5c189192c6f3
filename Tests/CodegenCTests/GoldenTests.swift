import Foundation
import TensorIR
import Testing

@testable import TensorCodegenC

/// The emitted C of a small program, held to a file: what people read. Set TENSORC_UPDATE_GOLDENS=1 to rewrite it.
@Suite struct GoldenTests {
  private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")

  @Test func printsReadableC() throws {
    let weights = try #require(TensorLiteral.numbers((0..<20).map { Float($0) / 8 }))
    let program = SmallPrograms.reduction(.x86v3, weights: weights)
    let files = try ProgramPrinter(program, target: .x86v3, prefix: "weighted_sum").files()
    try compare(GoldenTests.ownPart(of: files.sources[0].text), with: "weighted_sum.c")
    try compare(String(files.header.text.dropFirst(ABIHeader.text.count)), with: "weighted_sum.h")
  }

  /// What is special to the program: the first comment, and everything from the kernels on, without the fixed text.
  private static func ownPart(of text: String) -> String {
    let comment = text.range(of: "*/\n").map { text[..<$0.upperBound] } ?? ""
    let rest = text.range(of: "#define TC_KERNEL").map { text[$0.lowerBound...] } ?? ""
    return comment + "\n" + rest
  }

  private func compare(_ text: String, with name: String) throws {
    let url = GoldenTests.directory.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["TENSORC_UPDATE_GOLDENS"] == "1" {
      try FileManager.default.createDirectory(at: GoldenTests.directory, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    let expected = String(decoding: (try? Data(contentsOf: url)) ?? Data(), as: UTF8.self)
    let (found, wanted) = (
      text.split(separator: "\n", omittingEmptySubsequences: false),
      expected.split(separator: "\n", omittingEmptySubsequences: false)
    )
    let line = zip(found, wanted).enumerated().first { $0.element.0 != $0.element.1 }
    #expect(text == expected, "\(name) differs at line \((line?.offset ?? min(found.count, wanted.count)) + 1)")
  }
}
