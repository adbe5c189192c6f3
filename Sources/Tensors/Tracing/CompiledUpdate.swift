import Foundation
import TensorIR
import TensorOps
import TensorRuntime

/// Traces a closure that changes a state, such as a training step, and compiles it to one function whose results take
/// over the memory of the state's tensors.
///
///     let step = try compile(updating: trainer, TensorType.f32(64, 784), TensorType.i64(64)) {
///       (trainer: inout Trainer, images: Tensor, labels: Tensor) in try trainer.step(images, labels)
///     }
///     let loss = try step(&trainer, images, labels)
///
/// - Parameter state: a container like those to come; only its types count.
/// - Throws: as ``compile``; `state-type` where the closure leaves a tensor of another type than it found.
public func compile<State: TensorContainer & TensorExample, each Example: TensorExample, Output: TensorContainer>(
  updating state: State, _ examples: repeat each Example, name: String = "step", file: String = #fileID,
  line: Int = #line, column: Int = #column,
  _ body: (inout State, repeat (each Example).Traced) throws -> Output
) throws -> CompiledUpdate<State, Output, repeat (each Example).Traced> {
  try compiled(
    updating: state, repeat each examples, name: name, CompilationChoices(),
    place: .source(file: file, line: line, column: column), body)
}

/// Traces and compiles a change of a state as ``compile``, with so much workspace at most: what would not fit is computed
/// again in the backward pass, to the same bits.
///
///     let step = try compile(
///       updating: trainer, TensorType.f32("n", 784), TensorType.i64("n"), memoryBudget: .share(0.4, sizes: ["n": 64])
///     ) { (trainer: inout Trainer, images: Tensor, labels: Tensor) in try trainer.step(images, labels) }
///
/// - Throws: as without a budget; `memory-budget` where the step cannot be made to fit, with the least that it takes;
///   `memory-budget-size` where a symbol has no size in the budget.
public func compile<State: TensorContainer & TensorExample, each Example: TensorExample, Output: TensorContainer>(
  updating state: State, _ examples: repeat each Example, memoryBudget: MemoryBudget, name: String = "step",
  file: String = #fileID, line: Int = #line, column: Int = #column,
  _ body: (inout State, repeat (each Example).Traced) throws -> Output
) throws -> CompiledUpdate<State, Output, repeat (each Example).Traced> {
  try compiled(
    updating: state, repeat each examples, name: name, CompilationChoices(budget: memoryBudget),
    place: .source(file: file, line: line, column: column), body)
}

/// Traces and compiles a change of a state as ``compile``, with matrix products and convolutions, those of gradients among them,
/// in a precision of their own. The state keeps the types that it has: f32 weights stay f32.
///
/// - Parameter memoryBudget: the most workspace, as of the other forms; nil for as much as it takes.
/// - Throws: as with a budget.
public func compile<State: TensorContainer & TensorExample, each Example: TensorExample, Output: TensorContainer>(
  updating state: State, _ examples: repeat each Example, precision: ProductPrecision,
  memoryBudget: MemoryBudget? = nil,
  name: String = "step", file: String = #fileID, line: Int = #line, column: Int = #column,
  _ body: (inout State, repeat (each Example).Traced) throws -> Output
) throws -> CompiledUpdate<State, Output, repeat (each Example).Traced> {
  try compiled(
    updating: state, repeat each examples, name: name,
    CompilationChoices(budget: memoryBudget, precision: precision),
    place: .source(file: file, line: line, column: column), body)
}

private func compiled<State: TensorContainer & TensorExample, each Example: TensorExample, Output: TensorContainer>(
  updating state: State, _ examples: repeat each Example, name: String, _ choices: CompilationChoices, place: Location,
  _ body: (inout State, repeat (each Example).Traced) throws -> Output
) throws -> CompiledUpdate<State, Output, repeat (each Example).Traced> {
  var arguments = TraceArguments()
  try arguments.add(state, at: place)
  repeat try arguments.add(each examples, at: place)
  let (recorder, groups) = arguments.recorder(name: name)
  let supply = TensorSupply(groups)
  var updated = state.replacing(groups[0])
  _ = supply.next(state)
  let output = try body(&updated, repeat supply.next(each examples))
  let old = state.namedTensors
  let new = updated.namedTensors
  for (before, after) in zip(old, new) where before.tensor.type.plain != after.tensor.type.plain {
    if after.tensor.isPoison { continue }
    throw Diagnostic(
      "state-type", "'\(before.name)' is \(before.tensor.type) and would become \(after.tensor.type)", at: place)
  }
  let results = new.map { ($0.name.isEmpty ? "state" : "new \($0.name)", $0.tensor) } + output.namedTensors
  var function = try finish(recorder, results, at: place)
  function.donations = Dictionary(uniqueKeysWithValues: old.indices.map { ($0, $0) })
  var fixed: [FixedValues] = []
  repeat fixed.append(FixedValues(each examples))
  return CompiledUpdate(
    ir: function, output: output, memory: try UpdateMemory(function, stateCount: old.count, choices, at: place),
    fixedState: FixedValues(state), fixed: fixed)
}

/// A compiled change of a state. The state's tensors stay in the function's memory from one call to the next, so that
/// nothing is copied; a tensor that is still held elsewhere keeps its elements.
public struct CompiledUpdate<State: TensorContainer, Output: TensorContainer, each Input: TensorContainer> {
  /// What was traced; its first results replace the state.
  public let ir: Function
  let output: Output
  let memory: UpdateMemory
  /// What the state and the arguments held beside their tensors.
  let fixedState: FixedValues
  let fixed: [FixedValues]

  /// The bytes of workspace that a call takes, for all threads, in given sizes of the symbols; nil where one is missing.
  public func workspaceByteCount(_ sizes: [String: Int] = [:]) -> Int? { memory.program.workspaceByteCount(sizes) }

  /// Changes the state and computes the output. Calls wait for each other, for there is one memory.
  /// - Throws: what is wrong with the arguments' shapes or data; `fixed-value` where the state or an argument holds other
  ///   rates, probabilities, switches or choices than when the step was compiled. The state is then as before, unless
  ///   the mistake was found during the computation.
  public func callAsFunction(_ state: inout State, _ inputs: repeat each Input) throws -> Output {
    try fixedState.check(state)
    let tensors = try fixed.tensors(of: repeat each inputs)
    let held = HeldTensors(state.tensors)
    // With the state emptied, a handle's only copy is the one here if nobody else refers to the tensor.
    state = state.replacing(held.tensors.map { _ in .absent })
    defer { state = state.replacing(held.tensors) }
    return output.replacing(try memory.run(held, tensors))
  }

  /// Changes the state and computes the output on another thread, while this task is suspended.
  /// - Throws: as the call that blocks; `CancellationError` where the task is cancelled before the computation begins,
  ///   which leaves the state as it was. One that has begun is finished.
  public func callAsFunction(
    _ state: inout State, _ inputs: repeat each Input, isolation: isolated (any Actor)? = #isolation
  ) async throws -> Output {
    try fixedState.check(state)
    let tensors = try fixed.tensors(of: repeat each inputs)
    let held = HeldTensors(state.tensors)
    state = state.replacing(held.tensors.map { _ in .absent })
    defer { state = state.replacing(held.tensors) }
    let results = try await CallQueue.shared.evaluate { [memory, tensors] in try memory.run(held, tensors) }
    return output.replacing(results)
  }
}

extension CompiledUpdate: Sendable where Output: Sendable {}

/// The tensors of a state while an update has them.
///
/// Sendable because the update that has them is the only one to use them.
final class HeldTensors: @unchecked Sendable {
  var tensors: [Tensor]
  init(_ tensors: [Tensor]) { self.tensors = tensors }
}

/// The memory of a compiled update.
///
/// Sendable because all that changes is under its lock. The lock is taken before the graph's, never under it.
final class UpdateMemory: ResidentMemory, @unchecked Sendable {
  private let lock = NSRecursiveLock()
  private let context: Context
  private let stateCount: Int
  private let stateTypes: [TensorType]
  /// The nodes that the last call left in the context's memory.
  private var residents: [LazyPlace] = []

  let program: CompiledProgram

  init(_ function: Function, stateCount: Int, _ choices: CompilationChoices, at place: Location) throws {
    program = try CompiledProgram(function, choices, at: place)
    context = program.model.makeContext()
    self.stateCount = stateCount
    stateTypes = function.resultTypes.prefix(stateCount).map(\.plain)
  }

  func output(_ position: Int) throws -> HostArray { try lock.withLock { try context.output(position) } }

  /// Runs once; replaces the tensors of the state and gives those of the output.
  func run(_ state: HeldTensors, _ inputs: [Tensor]) throws -> [Tensor] {
    let graph = LazyGraph.shared
    let arrays = try inputs.arrays()
    // Nothing is computed under the lock, nor read out of another step's memory.
    for tensor in state.tensors { try graph.settleElsewhere(try tensor.lazyID(), than: self) }
    return try lock.withLock {
      for position in state.tensors.indices { try prepare(&state.tensors[position], position) }
      for (position, array) in arrays.enumerated() { try context.setInput(stateCount + position, array) }
      if let threads = Ranks.current.threads { context.threads = threads }
      try context.run()
      residents = []
      for position in state.tensors.indices {
        state.tensors[position] = graph.resident(stateTypes[position], self, output: position)
        residents.append(graph.place(of: state.tensors[position].id))
      }
      return try (stateCount..<context.model.description.outputs.count).map { position in
        graph.value(try context.output(position))
      }
    }
  }

  /// Makes one tensor of the state the input; if it lies there already from the last call, and nobody else needs it,
  /// nothing is to be done.
  private func prepare(_ tensor: inout Tensor, _ position: Int) throws {
    let graph = LazyGraph.shared
    let place = graph.place(of: try tensor.lazyID())
    let isOwn = isKnownUniquelyReferenced(&tensor.keeper) && !graph.isRead(place.slot)
    // Whoever else holds a tensor that lies here, or has yet to compute something of it, gets elements of its own
    // before they are overwritten: it shares the memory, and the run will then write elsewhere.
    if residents.indices.contains(position), graph.isResident(residents[position], self, position),
      residents[position] != place || !isOwn
    {
      try graph.settle(residents[position].slot, self, position)
      if residents[position] == place { return }
    } else if graph.isResident(place, self, position) {
      return
    }
    let names = context.model.description
    let array = try graph.array(of: place.slot)
    if isOwn { graph.forget(place.slot) }
    try context.setInput(names.inputs[position].name, donating: array, to: names.outputs[position].name)
  }
}
