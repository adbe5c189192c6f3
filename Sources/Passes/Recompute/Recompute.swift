import TensorIR
import TensorOps

/// Computes values again rather than keep them, until the workspace fits a budget.
///
/// It works on kernels, behind fusion, so that what is computed again is the same kernel with the same bits, is not merged
/// with the first one and stands where it was put.
enum Recompute {
  /// What is in use at once is brought below these shares of the budget in turn, until the plan of the memory, which takes
  /// somewhat more, fits.
  private static let targets = [1, 0.95, 0.9, 0.85, 0.8, 0.72, 0.64, 0.5]

  /// - Throws: `memory-budget`, naming the least that was reached; `memory-budget-size`.
  static func run(_ function: Function, _ options: PipelineOptions) throws -> Function {
    let row = KernelRow(function)
    let regions = CheckpointedKernels(function, row)
    let function = regions.isEmpty ? function : rebuilt(function, regions.steps(row))
    return try options.memoryBudget.map { try fit(function, $0, options) } ?? function
  }

  private static func fit(
    _ function: Function, _ budget: MemoryBudget, _ options: PipelineOptions
  ) throws -> Function {
    let row = try KernelRow(function, budget.sizes)
    var free = options
    free.memoryBudget = nil
    let unconstrained = try workspace(function, free, budget.sizes)
    let most = budget.most(of: unconstrained)
    var least = try workspace(function, options, budget.sizes)
    if least <= most { return function }
    for share in targets {
      var search = RecomputeSearch(row)
      search.reach(Int(Double(most) * share))
      let made = rebuilt(function, search.steps)
      let bytes = try workspace(made, options, budget.sizes)
      if bytes <= most { return made }
      least = min(least, bytes)
    }
    throw Diagnostic(
      "memory-budget",
      "the workspace cannot be brought down to \(most) bytes: it takes \(unconstrained), and \(least) with all that can be computed "
        + "again; give it more memory, or smaller batches")
  }

  /// The bytes that the memory plan of a function takes.
  private static func workspace(_ function: Function, _ options: PipelineOptions, _ sizes: [String: Int]) throws -> Int
  {
    var quiet = options
    quiet.observeProgram = nil
    let program = try Pipeline.lower(try ProtectDonations.run(function), quiet)
    guard let bytes = program.workspaceByteCount(sizes) else {
      throw Diagnostic("memory-budget-size", "a memory budget needs to know the sizes of all dimensions")
    }
    return bytes
  }

  /// The function with what was chosen computed again.
  private static func rebuilt(_ function: Function, _ steps: [RecomputeStep]) -> Function {
    let operations = function.body.operations
    var rebuild = Rebuild(function)
    var next = 0
    for step in steps {
      var operation = operations[step.item]
      // What was checked the first time holds.
      if step.isAgain { operation.guards = [] } else { next = step.item + 1 }
      rebuild.copy(operation)
      if step.isAgain { copyViews(of: operation, operations[..<next], &rebuild) }
    }
    return rebuild.finish()
  }

  /// Views of what was computed again; who comes behind sees the new memory.
  private static func copyViews(of made: Operation, _ operations: ArraySlice<Operation>, _ rebuild: inout Rebuild) {
    var roots = Set(made.results)
    for operation in operations where operation.isView(in: rebuild.source) {
      guard let source = operation.operands.first.flatMap({ $0 }), roots.contains(source) else { continue }
      var view = operation
      view.guards = []
      rebuild.copy(view)
      roots.formUnion(operation.results)
    }
  }
}
