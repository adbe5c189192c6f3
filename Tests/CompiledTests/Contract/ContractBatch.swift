import CompiledModels
import Foundation
import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses
import TensorRuntime
import TestSamples

/// Many cases compiled as one function of many results.
struct ContractBatch {
  let cases: [ContractCase]
  let target: Target?

  /// What is wrong with compiled code, a line each; `tried` is called for each case that was compiled.
  func faults() -> [String] {
    do {
      let (function, places) = try function()
      // Samples are too small for several threads, which is what they are to be tried with.
      let machine = try target ?? LibraryCompiler().toolchain.native
      let program = try Pipeline.compile(function, PipelineOptions(target: machine))
      let model = try Compiled.model(program, target: machine, work: 1_000_000)
      let compared = try (0..<(cases.map(\.rounds.count).max() ?? 0)).flatMap {
        try faults(model, function, places, round: $0)
      }
      return try compared + interpreted(model, places, machine)
    } catch {
      // One that cannot be compiled must not hide the others.
      guard cases.count > 1 else { return ["\(cases[0].rounds[0]): \(error)"] }
      let half = cases.count / 2
      return ContractBatch(cases: Array(cases[..<half]), target: target).faults()
        + ContractBatch(cases: Array(cases[half...]), target: target).faults()
    }
  }

  /// The function, and for each case where its results stand.
  private func function() throws -> (Function, [Range<Int>]) {
    let trace = TraceRecorder(name: "contract")
    var results: [Tensor] = []
    var places: [Range<Int>] = []
    for (number, item) in cases.enumerated() {
      let operands = item.parameters(of: trace, prefix: "c\(number)_")
      let own = try trace.add(item.op, operands).map { result in
        // What users get is row-major.
        result.type.layout.isPlain ? result : try trace.add(Reorder(.plain), [result])[0]
      }
      places.append(results.count..<results.count + own.count)
      results += own
    }
    return (try trace.finish(results), places)
  }

  /// Runs every case at one of its sizes, the same again where it has no more.
  private func faults(
    _ model: Model, _ function: Function, _ places: [Range<Int>], round: Int
  ) throws -> [String] {
    let samples = cases.map { $0.rounds[round % $0.rounds.count] }
    let inputs = try samples.flatMap(\.inputs).map(Compiled.array)
    let one = try model.run(inputs, threads: 1)
    let two = try model.run(inputs, threads: 2)
    var faults: [String] = []
    for (number, sample) in samples.enumerated() where round < cases[number].rounds.count {
      var context = InferenceContext(symbols: SymbolTable())
      let types = try sample.op.inferTypes(sample.types, &context)
      let wanted = try sample.op.evaluate(sample.values, types)
      let terms = try ContractTolerance.terms(sample.op, sample.values, types)
      for (result, (place, want)) in zip(places[number], wanted).enumerated() {
        let found = try Compiled.tensor(one[place], want.elementType)
        let bound = ContractTolerance.bound(sample.op, want.elementType)
        if let fault = ContractTolerance.firstFault(found, want, bound, terms: terms?[result]) {
          faults.append("\(sample): \(fault)")
        }
        if try bytes(one[place]) != bytes(two[place]) {
          faults.append("\(sample): the bits depend on the threads")
        }
      }
    }
    return faults
  }

  /// Each case at one of its sizes in the interpreter, on one thread, held to the bits of compiled code. `InterpretedTests`
  /// hold other teams to the bits of one.
  private func interpreted(_ model: Model, _ places: [Range<Int>], _ machine: Target) throws -> [String] {
    let samples = cases.map(\.interpretedRound)
    let compiled = try model.run(try samples.flatMap(\.inputs).map(Compiled.array), threads: 2)
    let series = try Compiled.series(for: machine)
    var (faults, exact, excused): ([String], Int, Int) = ([], 0, 0)
    for (item, (sample, own)) in zip(cases, zip(samples, places)) {
      let (function, _) = try ContractBatch(cases: [item], target: target).function()
      let program = try Pipeline.compile(function, PipelineOptions(target: machine))
      let outcome = try Compiled.interpret(program, sample.inputs, team: 1, series: series)
      // A target without fused multiply-adds rounds twice, the interpreter once.
      let roundsAlike = machine.hasFMA || !["fma", "dot2"].contains(where: program.text().contains)
      // Processors round products of bf16 each in a way of its own.
      if machine.hasPairs, ["dot2", "multiply_tiles"].contains(where: program.text().contains) {
        excused += 1
        continue
      }
      guard outcome.approximated.isEmpty, roundsAlike else { continue }
      exact += 1
      for (place, output) in zip(own, outcome.outputs) where try Data(output) != bytes(compiled[place]) {
        faults.append("\(sample): the interpreter gives other bits than compiled code")
      }
    }
    if exact + excused < cases.count && machine.hasFMA {
      faults.append("only \(exact) of \(cases.count) cases are held to the interpreter's bits")
    }
    return faults
  }

  private func bytes(_ array: HostArray) throws -> Data { try array.withUnsafeBytes { Data($0) } }
}
