import TensorIR
import TensorOps
import TensorPasses

extension ProgramBatch.Fault {
  /// The program made smaller as long as it stays wrong: one result, then as many operations as possible replaced by
  /// parameters with the values that they have.
  public func shrunk() -> ProgramBatch.Fault {
    guard let result else { return self }
    var best = self
    if let alone = Self.retried(Self.program(program, results: [program.function.body.results[result]])) {
      best = alone
    }
    // Late operations first: what they stand on then goes with them.
    var changed = true
    while changed {
      changed = false
      for place in best.program.function.body.operations.indices.reversed() {
        guard place < best.program.function.body.operations.count,
          let smaller = Self.cutting(best.program, at: place), let fault = Self.retried(smaller)
        else { continue }
        best = fault
        changed = true
      }
    }
    return best
  }

  private static func retried(_ program: RandomProgram?) -> ProgramBatch.Fault? {
    program.flatMap { ProgramBatch([$0]).faults().first }
  }

  private static func program(_ program: RandomProgram, results: [ValueID]) -> RandomProgram? {
    rebuilt(program, results, cut: nil)
  }

  private static func cutting(_ program: RandomProgram, at place: Int) -> RandomProgram? {
    let operation = program.function.body.operations[place]
    // What makes the result itself must stay.
    guard !operation.results.contains(where: { program.function.body.results.contains($0) }) else { return nil }
    // So must what finds a size, and what has one: a caller cannot give it.
    let computed = operation.results.flatMap { program.function.type(of: $0).shape }.flatMap(\.symbols)
      .contains { program.function.symbols[$0]?.isComputed ?? false }
    if computed || !operation.op.definedSizes.isEmpty { return nil }
    return rebuilt(program, program.function.body.results, cut: place)
  }

  /// The program with the operations that its results need, where those of one operation are parameters.
  private static func rebuilt(_ program: RandomProgram, _ results: [ValueID], cut: Int?) -> RandomProgram? {
    let function = program.function
    var needed = Set(results)
    for (place, operation) in function.body.operations.enumerated().reversed()
    where place != cut
      && (operation.results.contains(where: needed.contains) || !operation.op.definedSizes.isEmpty)
    {
      needed.formUnion(operation.results)
      needed.formUnion(operation.operands.compactMap { $0 })
    }
    var probe = function
    probe.body.results = cut.map { function.body.operations[$0].results } ?? []
    guard let cutValues = try? Evaluator.run(probe, program.inputs) else { return nil }
    let trace = TraceRecorder(name: function.name, symbols: function.symbols)
    var (known, inputs) = ([ValueID: Tensor](), [ReferenceTensor]())
    // Parameters stay: symbols get their values from them.
    for (parameter, input) in zip(function.body.parameters, program.inputs) {
      known[parameter] = trace.parameter(function.type(of: parameter), name: function[parameter].name)
      inputs.append(input)
    }
    for (place, operation) in function.body.operations.enumerated()
    where operation.results.contains(where: needed.contains) {
      if place == cut {
        for (id, value) in zip(operation.results, cutValues) {
          known[id] = trace.parameter(function.type(of: id))
          inputs.append(value)
        }
        continue
      }
      let operands = operation.operands.map { $0.flatMap { known[$0] }.map { ValueID($0.id) } }
      guard let own = try? trace.copy(operation, from: function, operands: operands) else { return nil }
      for (id, made) in zip(operation.results, own) { known[id] = Tensor(trace, made.index) }
    }
    guard let smaller = try? trace.finish(results.compactMap { known[$0] }) else { return nil }
    return RandomProgram(seed: program.seed, function: smaller, inputs: inputs)
  }
}
