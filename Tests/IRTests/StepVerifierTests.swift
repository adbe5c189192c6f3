import Testing

@testable import TensorIR

/// Steps and memory.
@Suite struct StepVerifierTests {
  /// x -> t -> y by two calls of a kernel that copies.
  private func program() -> LoweredProgram {
    let n = Dimension(symbol: "n")
    let type = TensorType(.f32, [n])
    var program = LoweredProgram(
      name: "p", symbols: SymbolTable([Symbol("n")]), inputs: [Value(type: type, name: "x")],
      outputs: [Value(type: type, name: "y")], donations: [:])
    let builder = KernelBuilder(name: "copy")
    let x = builder.parameter("x", .f32, .read)
    let y = builder.parameter("y", .f32, .write)
    builder.parallel("i", count: builder.extent(n)) { builder.store(y, $0, .load(x, $0, lanes: 1)) }
    program.kernels = [builder.finish()]
    program.temporaries = [Temporary(name: "t", bytes: 4 * n), Temporary(name: "u", bytes: 4 * n)]
    func call(_ from: BufferReference, _ to: BufferReference) -> Step {
      .call(KernelCall(kernel: 0, buffers: [from, to], scalars: builder.scalarArguments, work: n))
    }
    program.steps = [
      call(.input(0), .temporary(0)), .barrier, call(.temporary(0), .temporary(1)), .barrier,
      call(.temporary(1), .output(0)),
    ]
    program.stage = .plan
    program.plan.slots = [0, 1]
    program.plan.slotSizes = [[4 * n], [4 * n]]
    program.plan.perThread = [false, false]
    return program
  }

  private func mistakes(_ edit: (inout LoweredProgram) -> Void) -> [String] {
    var program = program()
    edit(&program)
    do { try program.verify() } catch { return (error as? BrokenProgram)?.mistakes ?? ["\(error)"] }
    return []
  }

  @Test func rightProgramsPass() { #expect(mistakes { _ in }.isEmpty) }

  @Test func aBarrierIsMissed() {
    let found = mistakes { $0.steps.remove(at: 1) }
    #expect(found.contains { $0.contains("temporary 0 is written by call 0, and no barrier stands between") })
    // Before barriers are placed, none is missing.
    #expect(
      mistakes {
        $0.steps.remove(at: 1); $0.stage = .lower
      } == [])
  }

  @Test func memoryIsWrittenFirst() {
    let found = mistakes { $0.steps.removeFirst(2) }
    #expect(found.contains { $0.contains("temporary 0 is read as 'x' before anything is written there") })
    #expect(mistakes { $0.steps.removeLast() } == ["output 0 is never written"])
  }

  @Test func slotsDoNotOverlap() {
    let found = mistakes { $0.plan.slots = [0, 0] }
    #expect(found == ["temporaries 0 and 1 lie in slot 0 and are in use at the same time"])
    let small = mistakes { $0.plan.slotSizes[1] = [Dimension(symbol: "n")] }
    #expect(small == ["slot 1 need not have room for temporary 1, which takes 4*n bytes"])
  }

  @Test func callsFitTheirKernels() {
    #expect(mistakes { $0.kernels[0].scalars = [] }.count >= 3)
    let input = mistakes { program in
      guard case .call(var call) = program.steps[4] else { return }
      call.buffers[1] = .input(0)
      program.steps[4] = .call(call)
    }
    #expect(input.contains { $0.contains("input 0 is written as 'y'") })
  }
}
