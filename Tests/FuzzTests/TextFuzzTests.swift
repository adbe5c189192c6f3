import Foundation
import Testing
import TextFuzz

/// Damaged texts over the whole registry, through parser, verifier, passes, lowering, printing and evaluation;
/// `make text-fuzz` tries more of them, and runs what compiles under AddressSanitizer.
@Suite struct TextFuzzTests {
  private static let corpus = Result {
    try TextCorpus.made(
      goldens: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden").path)
  }

  @Test func damagedTextsAreRefusedOrCompile() throws {
    let corpus = try Self.corpus.get()
    var (refused, compiled) = (Set<String>(), 0)
    // More of them by hand, in one process: TENSORC_TEXT_COUNT=20000.
    let count = ProcessInfo.processInfo.environment["TENSORC_TEXT_COUNT"].flatMap { UInt64($0) } ?? 400
    for seed in 0..<count {
      let entry = corpus.text(seed: seed)
      switch TextAttempt(entry.text, from: entry.next, number: seed).outcome {
      case .refused(let id): refused.insert(id)
      case .compiled: compiled += 1
      case .fault(let text): Issue.record("seed \(seed): \(text)")
      }
    }
    // The damage is neither too little nor too much to mean something.
    #expect(compiled > 20 && refused.count > 8, "\(compiled) compiled, refused: \(refused.sorted())")
  }

  @Test func whatIsWholeCompiles() throws {
    let corpus = try Self.corpus.get()
    #expect(corpus.entries.count > 600)
    for (number, entry) in corpus.entries.enumerated() where number % 20 == 0 && !entry.text.contains("// error") {
      if case .fault(let text) = TextAttempt(entry.text, from: entry.next, number: UInt64(number)).outcome {
        Issue.record("\(entry.text)\n\(text)")
      }
    }
  }
}
