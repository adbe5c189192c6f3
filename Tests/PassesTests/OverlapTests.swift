import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// What ranks do together is started as early and waited for as late as its memory allows.
@Suite struct OverlapTests {
  /// Two gradients that are reduced, each as soon as it is there, while products go on; `size` decides whether both fit a bucket.
  private func program(_ size: Int, reductions: [RankReduction] = [.mean, .mean]) throws -> LoweredProgram {
    let trace = TraceRecorder(name: "f")
    let x = trace.parameter(TensorType(.f32, [64, Dimension(size)]), name: "x")
    let w = trace.parameter(TensorType(.f32, [Dimension(size), Dimension(size)]), name: "w")
    let first = x.transposed([1, 0]).matmul(x)
    let y = x.matmul(w)
    let second = y.transposed([1, 0]).matmul(y)
    let rest = y.matmul(w).matmul(w)
    let reduced = zip([first, second], reductions).map { $0.allReduced($1) }
    return try Pipeline.compile(
      try trace.finish([w - reduced[0], w - reduced[1], rest]), PipelineOptions(target: .x86v4))
  }

  private func places(_ program: LoweredProgram, _ phase: Step.Collective.Phase) -> [Int] {
    program.steps.indices.filter {
      if case .collective(let collective) = program.steps[$0] { collective.phase == phase } else { false }
    }
  }

  private func calls(_ program: LoweredProgram, _ range: Range<Int>) -> Int {
    program.steps[range].count { if case .call = $0 { true } else { false } }
  }

  @Test func largeReductionsGoByThemselves() throws {
    let program = try program(512)
    let (starts, waits) = (places(program, .start), places(program, .wait))
    try #require(starts.count == 2 && waits.count == 2)
    #expect(program.collectives.allSatisfy { $0.parts.count == 1 })
    // The first is under way while the second gradient is computed, and both while the products at the end are.
    #expect(calls(program, starts[0]..<starts[1]) >= 2)
    #expect(calls(program, starts[1]..<waits[0]) >= 1)
    try program.verifySteps()
  }

  @Test func smallReductionsShareABucket() throws {
    let program = try program(32)
    #expect(program.collectives.map(\.phase) == [.start, .wait])
    #expect(program.collectives[0].parts.count == 2)
  }

  @Test func differentReductionsDoNot() throws {
    let program = try program(32, reductions: [.mean, .sum])
    #expect(program.collectives.count == 4 && program.collectives.allSatisfy { $0.parts.count == 1 })
  }

  /// What one collective receives, the next may send: it waits for it.
  @Test func chainsKeepTheirOrder() throws {
    let trace = TraceRecorder(name: "f")
    let x = trace.parameter(TensorType(.f32, [8]), name: "x")
    let y = x.allReduced().broadcast(fromRank: 0)
    let program = try Pipeline.compile(
      try trace.finish([y.allGathered(ranks: 1), y]), PipelineOptions(target: .generic))
    let text = program.collectives.map { "\($0.phase.rawValue) \($0.kind.rawValue)" }
    #expect(
      text == [
        "start all_reduce", "wait all_reduce", "start broadcast", "wait broadcast", "start all_gather",
        "wait all_gather",
      ])
  }

  @Test func theTextReadsBack() throws {
    let text = try program(512).text()
    #expect(text.contains("start all_reduce 0 mean f32 root 0 (temporary "))
    #expect(try LoweredProgram(parsing: text).text() == text)
  }

  @Test func theVerifierSeesWhatIsWrong() throws {
    let whole = try program(512)
    let (starts, waits) = (places(whole, .start), places(whole, .wait))
    func mistakes(_ change: (inout LoweredProgram) -> Void) -> String {
      var program = whole
      change(&program)
      do { try program.verifySteps() } catch { return "\(error)" }
      return ""
    }
    // Started before what it sends is written; waited for too late; not at all; twice.
    #expect(mistakes { $0.steps.insert($0.steps.remove(at: starts[0]), at: 0) }.contains("before anything is written"))
    let late = mistakes { $0.steps.append($0.steps.remove(at: waits[0])) }
    #expect(late.contains("is in use by 'all_reduce'"))
    #expect(mistakes { $0.steps.remove(at: waits[1]) }.contains("never waited for"))
    #expect(mistakes { $0.steps.insert($0.steps[starts[0]], at: starts[0]) }.contains("started twice"))
    #expect(mistakes { $0.steps.insert($0.steps[waits[0]], at: waits[0]) }.contains("was not started"))
  }
}
