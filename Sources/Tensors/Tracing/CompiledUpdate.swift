import Foundation
import TensorIR
import TensorOps
import TensorRuntime

/// Traces a closure that changes a state, such as a training step, and compiles it to one function whose results take over
/// the memory of the state's tensors.
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
  let place = Location.source(file: file, line: line, column: column)
  var arguments = TraceArguments()
  arguments.add(state)
  repeat arguments.add(each examples)
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
  return CompiledUpdate(ir: function, output: output, memory: try UpdateMemory(function, stateCount: old.count))
}

/// A compiled change of a state. The state's tensors stay in the function's memory from one call to the next, so that
/// nothing is copied; a tensor that is still held elsewhere keeps its elements.
public struct CompiledUpdate<State: TensorContainer, Output: TensorContainer, each Input: TensorContainer> {
  /// What was traced; its first results replace the state.
  public let ir: Function
  let output: Output
  let memory: UpdateMemory

  /// Changes the state and computes the output.
  /// - Throws: what is wrong with the arguments' shapes or data. The state is then as before, unless the mistake was
  ///   found during the computation.
  public func callAsFunction(_ state: inout State, _ inputs: repeat each Input) throws -> Output {
    var tensors: [Tensor] = []
    repeat tensors += (each inputs).tensors
    var held = state.tensors
    let arrays = try tensors.arrays()
    // With the state emptied, a handle's only copy is the one here if nobody else refers to the tensor.
    state = state.replacing(held.map { _ in .absent })
    defer { state = state.replacing(held) }
    let results = try memory.run(&held, arrays)
    return output.replacing(results)
  }
}

/// The memory of a compiled update.
final class UpdateMemory: ResidentMemory, @unchecked Sendable {
  private let lock = NSRecursiveLock()
  private let context: Context
  private let stateCount: Int
  private let stateTypes: [TensorType]

  init(_ function: Function, stateCount: Int) throws {
    let model = try CompiledProgram(function).model
    context = model.makeContext()
    self.stateCount = stateCount
    stateTypes = function.resultTypes.prefix(stateCount).map(\.plain)
  }

  func output(_ position: Int) throws -> HostArray { try lock.withLock { try context.output(position) } }

  /// Runs once; replaces the tensors of the state and gives those of the output.
  func run(_ state: inout [Tensor], _ inputs: [HostArray]) throws -> [Tensor] {
    try lock.withLock {
      // Whoever else holds a tensor of the state gets elements of its own before they are overwritten.
      for position in state.indices { try prepare(&state[position], position) }
      for (position, array) in inputs.enumerated() { try context.setInput(stateCount + position, array) }
      try context.run()
      for position in state.indices {
        state[position] = LazyGraph.shared.resident(stateType(position), self, output: position)
      }
      return try (stateCount..<context.model.description.outputs.count).map { position in
        LazyGraph.shared.value(try context.output(position))
      }
    }
  }

  private func stateType(_ position: Int) -> TensorType { stateTypes[position] }

  /// Makes one tensor of the state the input; if it lies there already from the last call, nothing is to be done.
  private func prepare(_ tensor: inout Tensor, _ position: Int) throws {
    let graph = LazyGraph.shared
    let slot = try tensor.lazyID()
    if graph.isResident(slot, self, position) {
      // Reading it shares the memory, and the run will then write elsewhere.
      if !isKnownUniquelyReferenced(&tensor.keeper) { _ = try graph.array(of: slot) }
      return
    }
    let names = context.model.description
    let array = try graph.array(of: slot)
    if isKnownUniquelyReferenced(&tensor.keeper) { graph.forget(slot) }
    try context.setInput(names.inputs[position].name, donating: array, to: names.outputs[position].name)
  }
}
