import CompiledModels
import Foundation
import TensorIR
import TensorOps
import TestSamples
import Testing

@testable import TensorPasses

/// What the printer writes after any stage is read back as the same function, and goes on to the same program.
@Suite struct StageTextTests {
  private static let ops = OpDirectory(Registry.types)
  private static let options = PipelineOptions(target: .x86v4)

  private final class Stages: @unchecked Sendable {
    var found: [(stage: Stage, function: Function)] = []
  }

  /// What differs, if anything does.
  /// A text without its conditions: the parser adds those that inference asks for, and some of them a stage has dropped, because
  /// others that stand before them imply them.
  private static func unguarded(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      if line.drop(while: { $0 == " " }).hasPrefix("requires ") { return nil }
      return line.range(of: " requires ").map { String(line[..<$0.lowerBound]) } ?? String(line)
    }
  }

  private func difference(_ function: Function) throws -> String? {
    let stages = Stages()
    let fused = try Pipeline.rewrite(
      function, PipelineOptions(target: .x86v4) { stages.found.append(($0, $1)) })
    let program = try Pipeline.lower(fused, Self.options).text()
    for (stage, function) in stages.found {
      let text = function.text()
      let again = try Function(parsing: text, ops: Self.ops, blobs: MemoryBlobs(of: [function]))
      if Self.unguarded(again.text()) != Self.unguarded(text) {
        return "after \(stage) it prints otherwise:\n\(text)\n\(again.text())"
      }
      try again.verify()
      let place = Stage.allCases.firstIndex(of: stage) ?? 0
      let next = stage == .imported ? stage : Stage.allCases[place + 1]
      let rest = try Pipeline.rewrite(again, Self.options, from: next)
      if try Self.unguarded(Pipeline.lower(rest, Self.options).text()) != Self.unguarded(program) {
        return "from \(next) it becomes another program:\n\(text)"
      }
    }
    return nil
  }

  @Test(arguments: 0..<8) func samplesReadBackAfterEveryStage(_ part: Int) throws {
    for (number, sample) in OpSamples.selected.enumerated() where number % 8 == part && number % 3 == 0 {
      for types in [sample.types, sample.types { "s\($0)" }] {
        let trace = TraceRecorder(name: sample.op.name, symbols: SymbolTable())
        let operands = sample.parameters(of: trace, types)
        guard let results = try? trace.add(sample.op, operands), let function = try? trace.finish(results),
          (try? Pipeline.compile(function, Self.options)) != nil
        else { continue }
        let difference = try difference(function)
        #expect(difference == nil, "\(sample): \(difference ?? "")")
      }
    }
  }

  /// The function that docs/text-form.md shows, exactly as it stands there.
  @Test func theDocumentedTextWorks() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/text-form.md"), encoding: .utf8)
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let first = try #require(lines.firstIndex { $0.hasPrefix("    func @") })
    let block = lines[first...].prefix { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
    let text = block.joined(separator: "\n") + "\n"
    let function = try Function(parsing: text, ops: Self.ops)
    try function.verify()
    #expect(function.text() == text)
    #expect(try difference(function) == nil)
    let inputs = [[4, 784], [784, 128]].map { shape in
      ReferenceTensor(.f32, shape, floats: (0..<shape[0] * shape[1]).map { Double($0 % 13) - 6 })
    }
    #expect(try Compiled.run(function, inputs)[0].floats == Evaluator.run(function, inputs)[0].floats)
  }

  @Test func aGroupOfATextComputesWhatItSays() throws {
    let text = """
      func @layer(%x: f32[n, 8], %w: f32[8, 4], %b: f32[4]) -> f32[n, 4] {
        %r = fused %x, %w, %b {shapes: [[<n>, 4]], elementTypes: [f32]} { (%0: f32[n, 8], %1: f32[8, 4], %2: f32[4])
          %p = matmul %0, %1 {transposeLeft: false, transposeRight: false} : f32[n, 4]
          %q = add %p, %2 : f32[n, 4]
          %3 = relu %q : f32[n, 4]
          yield %3
        } : f32[n, 4]
        return %r
      }

      """
    let function = try Function(parsing: text, ops: Self.ops)
    let inputs = [[5, 8], [8, 4], [4]].map { shape in
      ReferenceTensor(.f32, shape, floats: (0..<shape.reduce(1, *)).map { Double($0 % 7) - 3 })
    }
    #expect(try Compiled.run(function, inputs)[0].floats == Evaluator.run(function, inputs)[0].floats)
  }
}
