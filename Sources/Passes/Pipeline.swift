import TensorIR
import TensorOps

/// The stages from a function to a program, in order. Their names are the values of `--stop-after` and `--start-from`.
public enum Stage: String, CaseIterable, Sendable {
  case imported = "import"
  case simplify, differentiate, decompose, layout, fuse, lower, partition, plan
}

/// What the pipeline needs to know.
public struct PipelineOptions: Sendable {
  public var target: Target
  /// How much workspace the program may take; nil for as much as it takes.
  public var memoryBudget: MemoryBudget?
  /// In what products of f32 are computed.
  public var precision = Precision.f32
  /// Called after each stage with the function as it is then.
  public var observe: (@Sendable (Stage, Function) throws -> Void)?
  /// Called after each stage that leaves a program.
  public var observeProgram: (@Sendable (Stage, LoweredProgram) throws -> Void)?

  public init(
    target: Target, observe: (@Sendable (Stage, Function) throws -> Void)? = nil,
    observeProgram: (@Sendable (Stage, LoweredProgram) throws -> Void)? = nil
  ) {
    self.target = target
    self.observe = observe
    self.observeProgram = observeProgram
  }
}

/// The order of passes. Each line is one; the comment says why it stands where it does.
public enum Pipeline {
  /// Rewrites a function up to and including `last`, which is `fuse` at most. The verifier runs after every stage;
  /// throws ``BrokenFunction`` where one broke an invariant.
  public static func rewrite(
    _ function: Function, _ options: PipelineOptions, from first: Stage = .imported, to last: Stage = .fuse
  ) throws -> Function {
    let stages: [(Stage, (Function) throws -> Function)] = [
      (.imported, { $0 }),
      // Shapes and constants first: what is known now need not be decomposed, laid out or fused.
      (.simplify, { try Simplify.run($0) }),
      // While ops are whole, for each knows its own gradient; after shapes are known, for what is simpler has a simpler one.
      // Forward and backward pass are then operations like others.
      (.differentiate, { try Simplify.run(try Differentiate.run($0)) }),
      // Composite ops are still whole here, so that a fused kernel may take one as it is.
      (
        .decompose,
        {
          let decomposed = try Simplify.run(try Nested.run($0, Decompose.run))
          return try LowerPrecision.run(decomposed, options.precision, options.target)
        }
      ),
      // Layouts before fusion, for a reorder between two operations keeps them apart. Constants that were packed are no longer
      // needed as they were.
      (.layout, { DropUnused.run(try Nested.run($0) { try AssignLayouts.run($0, options.target) }) }),
      // What is computed again to save memory is whole kernels. Donated memory is looked at last, when it is known which
      // operations share a kernel and which stand where.
      (
        .fuse,
        {
          let fused = try Nested.run($0) { try Fuse.run(try SeparateResults.run($0), options.target.tuning) }
          return try ProtectDonations.run(try Recompute.run(fused, options))
        }
      ),
    ]
    // Groups that a text holds are opened where fusion comes after, and held to what it would make where it does not.
    if options.precision != .f32, order(first) > order(.decompose) {
      throw Diagnostic(
        "start-stage",
        "products are computed in another precision by 'decompose', and '\(first.rawValue)' comes after it")
    }
    if order(first) > order(.differentiate), Differentiate.hasGradients(function) {
      throw Diagnostic(
        "start-stage", "gradients are recorded by 'differentiate', and '\(first.rawValue)' comes after it")
    }
    var current = order(first) <= order(.fuse) ? try Nested.run(function, OpenGroups.run) : function
    if order(first) > order(.fuse) { try CheckGroups.run(function) }
    for (stage, pass) in stages where order(stage) >= order(first) && order(stage) <= order(last) {
      // Most functions have nothing to differentiate; their gradients, if any, were recorded when they were traced.
      if stage == .differentiate, !Differentiate.hasGradients(current) { continue }
      current = try BrokenFunction.check(try pass(current), after: stage.rawValue)
      try options.observe?(stage, current)
    }
    return current
  }

  /// A fused function as kernels and, as far as `last` reaches, barriers and a plan for memory.
  public static func lower(
    _ function: Function, _ options: PipelineOptions, to last: Stage = .plan
  ) throws -> LoweredProgram {
    // Kernels are shared while they are written; only then is it known what all calls of one pass.
    let lowered = PropagateSizes.run(try Lower.run(function, options.target))
    let program = try verified(lowered, .lower, options) { try lowered.verify() }
    return try finish(program, options, from: .partition, to: last)
  }

  /// The stages that a lowered program goes through. The verifier runs after each; throws ``BrokenProgram`` where one left
  /// what breaks a rule.
  public static func finish(
    _ program: LoweredProgram, _ options: PipelineOptions, from first: Stage, to last: Stage = .plan
  ) throws -> LoweredProgram {
    let stages: [(Stage, (LoweredProgram) -> LoweredProgram)] = [
      // What ranks do together goes on while kernels run, so the barriers are placed around its halves.
      (.partition, { PlaceBarriers.run(OverlapCollectives.run($0)) }),
      // Barriers before memory: a buffer's life is counted in the intervals between them.
      (.plan, { PlanMemory.run($0, at: options.memoryBudget?.sizes ?? [:]) }),
    ]
    var current = program
    for (stage, pass) in stages where order(stage) >= order(first) && order(stage) <= order(last) {
      // These passes order calls and place memory; a kernel that was checked when it was lowered stays as it is.
      var next = pass(current)
      next.kernels = current.kernels
      current = try verified(next, stage, options) { try next.verifySteps() }
    }
    return current
  }

  private static func verified(
    _ program: LoweredProgram, _ stage: Stage, _ options: PipelineOptions, _ verify: () throws -> Void
  ) throws -> LoweredProgram {
    do { try verify() } catch var broken as BrokenProgram {
      broken.pass = stage.rawValue
      throw broken
    }
    try options.observeProgram?(stage, program)
    return program
  }

  /// From a model to a program.
  public static func compile(_ function: Function, _ options: PipelineOptions) throws -> LoweredProgram {
    try lower(try rewrite(function, options), options)
  }

  private static func order(_ stage: Stage) -> Int { Stage.allCases.firstIndex(of: stage) ?? 0 }
}
