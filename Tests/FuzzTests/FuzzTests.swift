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

  @Test func programsAreOfManyOps() throws {
    let programs = try (0..<40).map { try ProgramGenerator.program(seed: $0) }
    let functions = programs.map(\.function)
    let names = Set(functions.flatMap { $0.body.operations.map(\.op.name) })
    #expect(names.count > 60)
    #expect(functions.contains { $0.parameterTypes.contains { $0.constantShape == nil } })
    #expect(programs.filter { $0.gradients > 0 }.count > 4)
  }

  /// What makes the comparison worth something: a result that is wrong is seen.
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
