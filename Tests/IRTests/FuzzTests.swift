import Foundation
import Testing

@testable import TensorIR

@Suite struct FuzzTests {
  /// Pieces that mean something somewhere, to get past the lexer.
  private static let pieces = [
    "{", "}", "(", ")", "[", "]", "<", ">", ",", ":", "=", "->", "..", "*", "-", "\"", "%", "@", "%x", "%7", "n",
    "_", "func", "return", "yield", "where", "in", "at", "node", "requires", "from", "broadcasts_with", "<=", "reuses",
    "divisible", "fused", "relu",
    "split",
    "f32", "layout", "dense", "blob", "hex", "overflow", "floordiv(n, ", "mod(", "broadcast(", "9223372036854775807",
    "-9223372036854775808", "1e999", "nan", "inf", "\\u{", "\n", "é", "0", "-1", "{axis: ",
    "dense(f32, [9999999999], [])",
  ]

  /// Faults that can be written down and read back, so that a dump of a broken function can be looked at.
  private static let leftToTheVerifier = ["overflow", "redefined", "donation", "result-count", "layout"]

  private func mutate(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let at = Int.random(in: 0...bytes.count, using: &random)
      let end = min(bytes.count, at + Int.random(in: 0...12, using: &random))
      let piece = Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)].utf8
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.removeSubrange(at..<end)
      case 1: bytes.insert(contentsOf: piece, at: at)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
      case 3: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &random) }
      default: bytes.replaceSubrange(at..<end, with: piece)
      }
    }
    return bytes
  }

  @Test func hostileTextNeverTraps() throws {
    var function = Function(name: "everything", symbols: SymbolTable([Symbol("n"), Symbol("odd name")]))
    let op = try sampleEverything()
    let id = function.addValue(op.result)
    function.body.operations = [Operation(op, [], results: [id])]
    function.body.results = [id]
    let weights = try #require(TensorLiteral(.f32, shape: [784, 128], bytes: Data(count: 784 * 128 * 4)))
    let blobs = MemoryBlobs([weights])
    let sample = sampleText.replacingOccurrences(of: "BLOB", with: weights.description)
    let seeds = [sample, function.text()].map { Array($0.utf8) }
    for seed in seeds {
      _ = try Function(parsing: String(decoding: seed, as: UTF8.self), ops: testOps, blobs: blobs)
    }
    var random = SplitMix(state: 7)
    var accepted = 0
    for index in 0..<2_000 {
      let text = String(decoding: mutate(seeds[index % 2], &random), as: UTF8.self)
      let parsed = TextParser.parse(text, ops: testOps, blobs: blobs)
      guard parsed.diagnostics.isEmpty else {
        for diagnostic in parsed.diagnostics { #expect(diagnostic.location != .unknown) }
        continue
      }
      // What is accepted is whole: it prints, reads back, and the verifier finds nothing that the parser let through.
      for function in parsed.functions {
        accepted += 1
        let printed = function.text()
        let again = try Function(parsing: printed, ops: testOps, blobs: blobs)
        #expect(again.text() == printed)
        let error = Verifier.check(function)
        let others = error?.diagnostics.filter { !Self.leftToTheVerifier.contains($0.id) } ?? []
        #expect(others.isEmpty, "\(error?.description ?? "")")
      }
    }
    #expect(accepted > 50)
  }
}
