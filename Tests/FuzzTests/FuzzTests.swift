import RandomPrograms
import TensorIR
import TensorOps
import Testing

/// Random programs, compiled, against the reference evaluator; `make fuzz` tries more of them.
@Suite(.serialized) struct FuzzTests {
  static let (programs, batch) = (300, 10)

  @Test(arguments: 0..<programs / batch) func compiledAgreesWithEvaluation(_ number: Int) throws {
    let seeds = number * Self.batch..<(number + 1) * Self.batch
    let programs = try seeds.map { try ProgramGenerator.program(seed: UInt64($0)) }
    for fault in ProgramBatch(programs).faults() { Issue.record("\(fault)") }
  }

  /// The same of programs with branches, loops and sizes found while running, with the gradients that they have.
  @Test(arguments: 0..<6) func controlFlowAgreesWithEvaluation(_ number: Int) throws {
    let seeds = number * Self.batch..<(number + 1) * Self.batch
    let programs = try seeds.map { try ControlGenerator.program(seed: UInt64($0)) }
    for fault in ProgramBatch(programs, flags: ["-O0"]).faults() { Issue.record("\(fault)") }
  }

  /// Without C: kernels interpreted for teams of threads, with every access looked at. `make fuzz` tries thousands.
  @Test(arguments: [false, true]) func interpretedAgreesWithEvaluation(_ isControl: Bool) throws {
    for seed in UInt64(0)..<40 {
      let program = try isControl ? ControlGenerator.program(seed: seed) : ProgramGenerator.program(seed: seed)
      let fault = ProgramInterpretation(program, target: seed % 4 == 0 ? .generic : .x86v4).fault()
      #expect(fault == nil, "\(fault.map(String.init(describing:)) ?? "")")
    }
  }

  /// They are of all kinds, and something is asked of most of what they compute.
  @Test func controlFlowIsOfAllKinds() throws {
    let programs = try (0..<60).map { try ControlGenerator.program(seed: $0, differentiated: true) }
    var ops: [any Op] = []
    for program in programs { program.function.forEachOperation { ops.append($0.op) } }
    let loops = ops.compactMap { $0 as? Loop }
    #expect(ops.contains { ($0 as? If)?.sizes != nil } && ops.contains { ($0 as? If)?.sizes == nil })
    #expect(
      loops.contains { $0.within != nil } && loops.contains { $0.length != nil } && loops.contains(where: \.exits))
    #expect(loops.contains { $0.trips?.constant == nil && $0.trips != nil } && loops.contains { $0.trips == nil })
    #expect(ops.filter { $0 is Size }.count > 30)
    #expect(programs.filter { $0.gradients > 0 }.count > 20)
    var (compared, all, unstable) = (0, 0, 0)
    for program in programs {
      guard let bounds = try? PerturbedEvaluation(program.function, program.inputs).tolerances.flatMap({ $0 }) else {
        unstable += 1
        continue
      }
      compared += bounds.filter(\.isFinite).count
      all += bounds.count
    }
    #expect(unstable < 6 && Double(compared) > 0.9 * Double(all), "\(compared) of \(all), \(unstable) not at all")
  }

  @Test func programsAreOfManyOps() throws {
    let programs = try (0..<40).map { try ProgramGenerator.program(seed: $0) }
    let functions = programs.map(\.function)
    let names = Set(functions.flatMap { $0.body.operations.map(\.op.name) })
    #expect(names.count > 60)
    #expect(functions.contains { $0.parameterTypes.contains { $0.constantShape == nil } })
    #expect(programs.filter { $0.gradients > 0 }.count > 4)
  }

  /// What makes the comparison worth something: of most elements something is asked.
  @Test(arguments: [false, true]) func mostElementsAreCompared(differentiated: Bool) throws {
    var (compared, all) = (0, 0)
    for seed in 0..<30 {
      let program = try ProgramGenerator.program(seed: UInt64(seed), differentiated: differentiated)
      let bounds = try PerturbedEvaluation(program.function, program.inputs).tolerances.flatMap { $0 }
      compared += bounds.filter(\.isFinite).count
      all += bounds.count
    }
    #expect(Double(compared) > 0.9 * Double(all), "\(compared) of \(all)")
  }

  /// Nothing is asked where compiled code may well differ, whatever stands beside it. GELU of -6 may round to 0, and 0 to the
  /// power of itself is 1 (seed 1156); the hyperbolic cosine of 12 is beyond f16 only where it leaves registers.
  @Test func whatMayDifferIsNotAskedFor() throws {
    func tolerances(_ numbers: ReferenceTensor, _ body: (Tensor) -> Tensor) throws -> [Double] {
      let trace = TraceRecorder(name: "f")
      let x = trace.parameter(TensorType(numbers.elementType, [2]))
      return try PerturbedEvaluation(try trace.finish([body(x)]), [numbers]).tolerances[0]
    }
    let power = try tolerances(ReferenceTensor(.f32, [2], floats: [-6, 1e20])) { $0.gelu().power($0.gelu()) }
    #expect(power[0] == .infinity)
    let tangent = try tolerances(ReferenceTensor(.f16, [2], floats: [12, .infinity])) {
      $0.cosh().cast(to: .f32).tan()
    }
    #expect(tangent == [.infinity, .infinity])
    let beside = try tolerances(ReferenceTensor(.f32, [2], floats: [2, 1e20])) { $0.exp() + $0 }
    #expect(beside[0] > 0 && beside[0] < 1e-4)
  }

  /// And a result that is wrong is seen.
  @Test func aWrongResultIsSeen() throws {
    let program = try ProgramGenerator.program(seed: 3)
    let expected = try PerturbedEvaluation(program.function, program.inputs)
    #expect(expected.fault(expected.exact) == nil)
    let place = try #require(expected.exact.firstIndex { $0.count > 0 })
    var found = expected.exact
    let (old, type) = (found[place], found[place].elementType)
    found[place] =
      type.isFloat
      ? ReferenceTensor(type, old.shape, floats: old.floats.map { ($0.isFinite ? $0 : 0) * 1.5 + 3 })
      : ReferenceTensor(type, old.shape, integers: old.integers.map { 1 - $0 })
    #expect(expected.fault(found) != nil)
  }
}
