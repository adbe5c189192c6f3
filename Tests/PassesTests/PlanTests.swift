import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// What the last two passes promise, found out without them: within an interval between barriers no call touches what
/// another one writes, and temporaries in one slot are never alive in the same interval.
@Suite struct PlanTests {
  /// Kernels that need each other's results, some of them long after they were made.
  private static func program(_ target: Target) throws -> LoweredProgram {
    let trace = TraceRecorder(name: "f")
    let n = Dimension(symbol: "n")
    let x = trace.parameter(TensorType(.f32, [n, 24]), name: "x")
    let w = trace.parameter(TensorType(.f32, [24, 24]), name: "w")
    let a = x.matmul(w)
    let b = a.softmax(axis: 1).matmul(w)
    let c = b.sum(axes: [1], keepAxes: true)
    let d = (b + c).matmul(w).relu().matmul(w)
    let e = d.matmul(w).layerNorm(scale: w.sum(axes: [0]))
    return try Pipeline.compile(
      try trace.finish([e + a, d.transposed([1, 0]), c]), PipelineOptions(target: target))
  }

  private static let programs = [Target.generic, .x86v4]

  /// The calls between barriers.
  private func intervals(_ program: LoweredProgram) -> [[KernelCall]] {
    program.steps.reduce(into: [[]]) { result, step in
      switch step {
      case .barrier: result.append([])
      case .call(let call): result[result.count - 1].append(call)
      case .check, .branch, .loop, .swap, .define, .room, .collective: Issue.record("the program has no structure")
      }
    }
  }

  @Test(arguments: programs) func callsBetweenBarriersDoNotMeet(_ target: Target) throws {
    let program = try Self.program(target)
    var crossings = 0
    for calls in intervals(program) {
      var users: [BufferReference: [(call: Int, writes: Bool)]] = [:]
      for (number, call) in calls.enumerated() {
        for (buffer, parameter) in zip(call.buffers, program.kernels[call.kernel].buffers) {
          if case .temporary(let index) = buffer, program.temporaries[index].perThread { continue }
          users[buffer, default: []].append((number, parameter.access != .read))
        }
      }
      for (buffer, uses) in users where uses.contains(where: \.writes) {
        #expect(Set(uses.map(\.call)).count == 1, "\(buffer) is written and used by different calls")
      }
      crossings += users.count
    }
    #expect(crossings > 8 && intervals(program).count > 4)
  }

  @Test(arguments: programs) func slotsHoldOneAtATime(_ target: Target) throws {
    let program = try Self.program(target)
    var lives: [Int: ClosedRange<Int>] = [:]
    for (interval, calls) in intervals(program).enumerated() {
      for case .temporary(let index) in calls.flatMap(\.buffers) {
        lives[index] = (lives[index]?.lowerBound ?? interval)...interval
      }
    }
    var isShared = false
    for (a, life) in lives {
      for (b, other) in lives where a < b && program.plan.slots[a] == program.plan.slots[b] {
        isShared = true
        #expect(!life.overlaps(other), "temporaries \(a) and \(b) are alive together")
      }
    }
    #expect(isShared, "this tests nothing if no slot is used twice")
  }

  /// Extents that may differ are compared at run time, before any kernel.
  @Test func unequalExtentsAreGuarded() throws {
    let trace = TraceRecorder(name: "f")
    let x = trace.parameter(TensorType(.f32, [3, Dimension(symbol: "k")]), name: "x")
    let w = trace.parameter(TensorType(.f32, [Dimension(symbol: "l"), 2]), name: "w")
    let program = try Pipeline.compile(try trace.finish([x.matmul(w)]), PipelineOptions(target: .generic))
    #expect(program.guards.map(\.condition.description) == ["k == l"])
  }

  /// A program of two temporaries, of which only the references of its steps count.
  private func program(_ steps: [Step], perThread: [Bool]) -> LoweredProgram {
    var program = LoweredProgram(name: "f", symbols: SymbolTable(), inputs: [], outputs: [], donations: [:])
    program.temporaries = perThread.enumerated().map { Temporary(name: "t\($0)", bytes: 64, perThread: $1) }
    program.steps = steps
    return program
  }

  private func call(_ temporary: Int) -> Step {
    .call(KernelCall(kernel: 0, buffers: [.temporary(temporary)], scalars: [], work: 1))
  }

  /// What each thread has for itself and what all share never lie in one slot, though their lives do not meet.
  @Test func threadsKeepTheirOwnSlots() {
    let plan = PlanMemory.run(program([call(0), .barrier, call(1)], perThread: [false, true])).plan
    #expect(plan.slots.count == 2 && plan.slots[0] != plan.slots[1])
    #expect(plan.slots.map { plan.perThread[$0] } == [false, true])
    let alike = PlanMemory.run(program([call(0), .barrier, call(1)], perThread: [true, true])).plan
    #expect(alike.slots == [0, 0])
  }

  /// Either of two that change places may hold the other's value, from the first use of both to the last.
  @Test func whatChangesPlacesLivesAsLong() {
    let swapped = Step.swap(.temporary(0), .temporary(1))
    for order in [[0, 1], [1, 0]] {
      let lives = Lifetimes(
        program([call(order[0]), .barrier, swapped, .barrier, call(order[1])], perThread: [false, false])
      ).lives
      #expect(lives == [0...2, 0...2])
    }
  }
}
