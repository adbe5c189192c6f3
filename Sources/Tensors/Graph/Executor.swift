import TensorIR
import TensorOps
import TensorRuntime

/// Runs slices of the lazy graph: small ones through the evaluator, which needs no C compiler; large ones compiled.
final class Executor {
  /// How many element operations of one slice the evaluator may do, all calls together, before it is compiled.
  ///
  /// The two ways should take about as long at this bound. It is an estimate, not yet measured in a release build.
  static let evaluatorLimit = 1_000_000

  private struct Known {
    var spent = 0
    var program: CompiledProgram?
    var function: Function
  }

  private var known: [SlicePlan.Key: Known] = [:]
  /// How many slices were compiled: for tests.
  private(set) var compilations = 0
  /// A program that makes ever new expressions must not keep them all.
  private let largestCount = 1024

  func run(_ plan: SlicePlan, _ inputs: [HostArray]) throws -> [HostArray] {
    var entry = try known[plan.key] ?? Known(function: plan.function())
    defer {
      if known.count >= largestCount && known[plan.key] == nil { known.removeAll() }
      known[plan.key] = entry
    }
    if entry.program == nil, plan.work <= Executor.evaluatorLimit - entry.spent {
      entry.spent += plan.work
      return try Evaluator.run(entry.function, inputs.map { try ReferenceTensor($0) }).map { try HostArray($0) }
    }
    let program: CompiledProgram
    if let compiled = entry.program {
      program = compiled
    } else {
      program = try CompiledProgram(entry.function)
      compilations += 1
      entry.program = program
    }
    return try program.run(inputs)
  }
}
