import Foundation
import TensorIR
import TensorOps
import TensorPasses
import TestSamples

/// Texts to damage: goldens, and functions of one operation of each op as every stage leaves them.
public struct TextCorpus: Sendable {
  public struct Entry: Sendable {
    public var text: String
    /// The stage that comes next.
    public var next: Stage
  }

  public var entries: [Entry]
  /// Every word that stands in them.
  let words: [String]

  public init(_ entries: [Entry]) {
    self.entries = entries
    var seen: Set<String> = []
    words = entries.flatMap { TextTokens.split($0.text) }.filter {
      $0.first.map { $0.isLetter || $0 == "_" } ?? false && seen.insert($0).inserted
    }
  }

  /// The corpus as it is made from the registry's samples and a folder of goldens.
  public static func made(goldens: String) throws -> TextCorpus {
    let paths = try FileManager.default.contentsOfDirectory(atPath: goldens).filter { $0.hasSuffix(".tir") }.sorted()
    var entries = try paths.map { path in
      let text = try String(contentsOfFile: "\(goldens)/\(path)", encoding: .utf8)
      let input = text.components(separatedBy: "// ====")[0]
      let lines = input.split(separator: "\n").filter { !$0.hasPrefix("//") }
      return Entry(text: lines.joined(separator: "\n") + "\n", next: .imported)
    }
    entries += groups.map { Entry(text: $0, next: .imported) } + groups.map { Entry(text: $0, next: .lower) }
    var count: [String: Int] = [:]
    for sample in OpSamples.all where sample.operands.allSatisfy({ $0.shape.reduce(1, *) <= 2_000 }) {
      let number = count[sample.op.name, default: 0]
      // The first with numbers and with symbols at every stage, some more as they are.
      guard number < 6 else { continue }
      count[sample.op.name] = number + 1
      entries += stages(of: sample, symbolic: false, all: number < 2)
      if number < 2 { entries += stages(of: sample, symbolic: true, all: number < 1) }
    }
    return TextCorpus(entries.filter { $0.text.utf8.count < 20_000 && !$0.text.contains("blob(") })
  }

  private static func stages(of sample: OpSample, symbolic: Bool, all: Bool) -> [Entry] {
    let trace = TraceRecorder(name: sample.op.name, symbols: SymbolTable())
    let types = symbolic ? sample.types { "s\($0)" } : sample.types
    let operands = sample.parameters(of: trace, types)
    guard let results = try? trace.add(sample.op, operands), let function = try? trace.finish(results) else {
      return []
    }
    guard all else { return [Entry(text: function.text(.brief), next: .imported)] }
    let found = Found()
    let options = PipelineOptions(target: .x86v4) { stage, function in found.add(function, after: stage) }
    _ = try? Pipeline.rewrite(function, options)
    return found.entries
  }

  private final class Found: @unchecked Sendable {
    var entries: [Entry] = []
    func add(_ function: Function, after stage: Stage) {
      let text = function.text(.brief)
      let place = Stage.allCases.firstIndex(of: stage) ?? 0
      if entries.last?.text == text && stage != .fuse { return }
      entries.append(Entry(text: text, next: stage == .imported ? stage : Stage.allCases[place + 1]))
    }
  }

  /// Groups that somebody wrote.
  private static let groups = [
    """
    func @layer(%x: f32[n, 8], %w: f32[8, 4], %b: f32[4]) -> f32[n, 4] {
      %r = fused %x, %w, %b { (%0: f32[n, 8], %1: f32[8, 4], %2: f32[4])
        %p = matmul %0, %1 {transposeLeft: false, transposeRight: false} : f32[n, 4]
        %q = add %p, %2 : f32[n, 4]
        %3 = relu %q : f32[n, 4]
        yield %3
      } : f32[n, 4]
      return %r
    }

    """,
    """
    func @soft(%x: f32[n, 6]) -> f32[n, 6] {
      %r = fused %x { (%0: f32[n, 6])
        %e = exp %0 : f32[n, 6]
        %s = sum %e {axes: [1], keepAxes: true} : f32[n, 1]
        %d = divide %e, %s : f32[n, 6]
        yield %d
      } : f32[n, 6]
      %t = fused %r { (%1: f32[n, 6])
        %u = transpose %1 {permutation: [1, 0]} : f32[6, n]
        %v = negate %u : f32[6, n]
        yield %v
      } : f32[6, n]
      %w = transpose %t {permutation: [1, 0]} : f32[n, 6]
      %y = copy %w : f32[n, 6]
      return %y
    }

    """,
  ]

  public func save(to path: String) throws {
    let list = entries.map { ["text": $0.text, "next": $0.next.rawValue] }
    try JSONSerialization.data(withJSONObject: list).write(to: URL(fileURLWithPath: path))
  }

  public static func load(_ path: String) throws -> TextCorpus {
    let list = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
    return TextCorpus(
      (list as? [[String: String]] ?? []).compactMap { entry in
        guard let text = entry["text"], let next = entry["next"].flatMap(Stage.init) else { return nil }
        return Entry(text: text, next: next)
      })
  }

  /// The damaged text of a seed.
  public func text(seed: UInt64) -> Entry {
    var entry = entries[Int(truncatingIfNeeded: seed &* 0x9E37_79B9_7F4A_7C15 >> 20) % entries.count]
    var mutator = TextMutator(seed: seed, words: words)
    entry.text = mutator.mutated(entry.text)
    return entry
  }
}
