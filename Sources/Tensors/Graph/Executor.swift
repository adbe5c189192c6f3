import TensorIR
import TensorOps
import TensorRuntime

/// Runs slices of the lazy graph: small ones through the evaluator, which needs no C compiler; large ones compiled. Slices of one form share
/// a function: see ``SliceFamily``.
final class Executor {
  /// How many element operations of slices of one form the evaluator may do, all calls together, before they are compiled.
  ///
  /// The two ways should take about as long at this bound. It is an estimate, not yet measured in a release build.
  static let evaluatorLimit = 1_000_000

  /// A slice that was met.
  private struct Known {
    var parts: SliceNumbers?
    /// The function, for the evaluator.
    var function: Function
    var program: CompiledProgram?
    /// What the program takes after the slice's inputs.
    var carriers: [HostArray] = []
    var spent = 0
  }

  private var known: [SlicePlan.Key: Known] = [:]
  private var families: [SliceNumbers.Form: SliceFamily] = [:]
  /// How many functions were compiled: for tests.
  private(set) var compilations = 0
  /// A program that makes ever new expressions must not keep them all.
  private let largestCount = 1024

  func run(_ plan: SlicePlan, _ inputs: [HostArray]) throws -> [HostArray] {
    var entry = try known[plan.key] ?? Known(parts: SliceNumbers(plan), function: plan.function())
    defer {
      if known.count >= largestCount && known[plan.key] == nil {
        known.removeAll()
        families.removeAll()
      }
      known[plan.key] = entry
    }
    if let program = entry.program { return try program.run(inputs + entry.carriers) }
    if mayEvaluate(plan, &entry) {
      return try Evaluator.run(entry.function, inputs.map { try ReferenceTensor($0) }).map { try HostArray($0) }
    }
    let program = try compile(plan, &entry)
    return try program.run(inputs + entry.carriers)
  }

  /// Whether the evaluator has done so little for slices of this form that it may do this one too.
  private func mayEvaluate(_ plan: SlicePlan, _ entry: inout Known) -> Bool {
    let form = entry.parts?.form
    let spent = form.map { families[$0]?.spent ?? 0 } ?? entry.spent
    guard plan.work <= Executor.evaluatorLimit - spent else { return false }
    entry.spent += plan.work
    if let form { families[form, default: SliceFamily()].spent += plan.work }
    return true
  }

  private func compile(_ plan: SlicePlan, _ entry: inout Known) throws -> CompiledProgram {
    if let parts = entry.parts, let general = families[parts.form, default: SliceFamily()].function(for: plan, parts) {
      do {
        let program = try general.program ?? compiled(general.function)
        general.program = program
        entry.carriers = try general.carriers(for: parts.numbers)
        entry.program = program
        return program
      } catch is Diagnostic {
        // What cannot be compiled with symbols is compiled with its numbers.
        families[parts.form]?.giveUp()
      }
    }
    let program = try compiled(entry.function)
    entry.program = program
    return program
  }

  private func compiled(_ function: Function) throws -> CompiledProgram {
    let program = try CompiledProgram(function)
    compilations += 1
    return program
  }
}
