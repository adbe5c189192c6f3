import TensorIR
import TensorOps
import TensorRuntime

/// Traces a closure on arguments like the examples and compiles what it does to one function.
///
///     let f = try compile(TensorType.f32("n", 784), weights) { x, w in x.matmul(w).relu() }
///     print(f.ir)
///     let y = try f(images, weights)      // any n, without compiling again
///
/// An example is a type, whose dimensions may be symbols, or a value with tensors (``TensorContainer``), of which only
/// the types count. The closure runs once; `if` and `for` in it are decided then.
/// - Parameter name: what the function is called in the IR and in C.
/// Of what else an argument holds, rates, probabilities, switches and choices, the trace makes constants; a call with
/// others is refused (`fixed-value`).
/// - Throws: what is wrong with shapes and element types, as a diagnostic; `ToolchainMissing` without a C compiler.
public func compile<each Example: TensorExample, Output: TensorContainer>(
  _ examples: repeat each Example, name: String = "function", file: String = #fileID, line: Int = #line,
  column: Int = #column, _ body: (repeat (each Example).Traced) throws -> Output
) throws -> CompiledFunction<Output, repeat (each Example).Traced> {
  try compiled(
    repeat each examples, name: name, CompilationChoices(), place: .source(file: file, line: line, column: column), body
  )
}

/// Traces and compiles as ``compile``, with so much workspace at most: where there is a gradient in the function, what would
/// not fit is computed again in the backward pass, to the same bits.
///
/// - Throws: as without a budget; `memory-budget` where the function cannot be made to fit, with the least that it takes;
///   `memory-budget-size` where a symbol has no size in the budget.
public func compile<each Example: TensorExample, Output: TensorContainer>(
  _ examples: repeat each Example, memoryBudget: MemoryBudget, name: String = "function", file: String = #fileID,
  line: Int = #line, column: Int = #column, _ body: (repeat (each Example).Traced) throws -> Output
) throws -> CompiledFunction<Output, repeat (each Example).Traced> {
  try compiled(
    repeat each examples, name: name, CompilationChoices(budget: memoryBudget),
    place: .source(file: file, line: line, column: column), body)
}

/// Traces and compiles as ``compile``, with matrix products and convolutions in a precision of their own.
///
///     let f = try compile(TensorType.f32("n", 784), weights, precision: .bf16) { x, w in x.matmul(w).relu() }
///
/// - Parameter memoryBudget: the most workspace, as of the other forms; nil for as much as it takes.
/// - Throws: as with a budget.
public func compile<each Example: TensorExample, Output: TensorContainer>(
  _ examples: repeat each Example, precision: ProductPrecision, memoryBudget: MemoryBudget? = nil,
  name: String = "function", file: String = #fileID, line: Int = #line, column: Int = #column,
  _ body: (repeat (each Example).Traced) throws -> Output
) throws -> CompiledFunction<Output, repeat (each Example).Traced> {
  try compiled(
    repeat each examples, name: name, CompilationChoices(budget: memoryBudget, precision: precision),
    place: .source(file: file, line: line, column: column), body)
}

private func compiled<each Example: TensorExample, Output: TensorContainer>(
  _ examples: repeat each Example, name: String, _ choices: CompilationChoices, place: Location,
  _ body: (repeat (each Example).Traced) throws -> Output
) throws -> CompiledFunction<Output, repeat (each Example).Traced> {
  let (function, output) = try traced(repeat each examples, name: name, place: place, body)
  var fixed: [FixedValues] = []
  repeat fixed.append(FixedValues(each examples))
  return CompiledFunction(
    ir: function, output: output, program: try CompiledProgram(function, choices, at: place), fixed: fixed)
}

/// Traces a closure, as ``compile``, without compiling it. The text of what it gives is a `.tir` file, which
/// `tensorc compile` makes a library of.
///
///     let f = try trace(TensorType.f32("n", 3), inputs: ["x"]) { x in ["mean": x.mean(axis: 1), "most": x.max(axis: 1)] }
///     try "\(f)".write(toFile: "f.tir", atomically: true, encoding: .utf8)
///
/// - Parameter inputs: what the tensors of the arguments are called in the IR and in C; `x0`, `x1`, … unless given. Results
///   are named by the keys of a dictionary, or the names of a container; others `y0`, `y1`, ….
/// - Throws: what is wrong with shapes and element types, as a diagnostic; `name-count` where there are more or fewer
///   names than tensors.
public func trace<each Example: TensorExample, Output: TensorContainer>(
  _ examples: repeat each Example, name: String = "function", inputs: [String]? = nil, file: String = #fileID,
  line: Int = #line, column: Int = #column, _ body: (repeat (each Example).Traced) throws -> Output
) throws -> Function {
  let place = Location.source(file: file, line: line, column: column)
  return try traced(repeat each examples, name: name, inputs: inputs, place: place, body).0
}

private func traced<each Example: TensorExample, Output: TensorContainer>(
  _ examples: repeat each Example, name: String, inputs: [String]? = nil, place: Location,
  _ body: (repeat (each Example).Traced) throws -> Output
) throws -> (Function, Output) {
  var arguments = TraceArguments()
  repeat try arguments.add(each examples, at: place)
  if let inputs { try arguments.rename(inputs, at: place) }
  let (recorder, groups) = arguments.recorder(name: name)
  let supply = TensorSupply(groups)
  let output = try body(repeat supply.next(each examples))
  return (try finish(recorder, output.namedTensors, at: place), output)
}

/// Ends a trace; what has no place of its own went wrong at the call that traces.
func finish(
  _ recorder: TraceRecorder, _ results: [(name: String, tensor: Tensor)], at place: Location
) throws -> Function {
  do {
    let names = results.enumerated().map { $1.name.isEmpty ? "y\($0)" : $1.name }
    return try recorder.finish(results.map(\.tensor), names: names)
  } catch {
    let list = LazyGraph.diagnostics(error, at: place)
    throw list.count == 1 ? list[0] : Diagnostics(list)
  }
}

/// A compiled function: call it with arguments like those it was traced with.
public struct CompiledFunction<Output: TensorContainer, each Input: TensorContainer> {
  /// What was traced.
  public let ir: Function
  /// The output of the trace, whose tensors a call replaces.
  let output: Output
  let program: CompiledProgram
  /// Of each argument what it held beside its tensors.
  let fixed: [FixedValues]

  /// The bytes of workspace that a call takes, for all threads, in given sizes of the symbols; nil where one is missing.
  public func workspaceByteCount(_ sizes: [String: Int] = [:]) -> Int? { program.workspaceByteCount(sizes) }

  /// Computes the output. Arguments that are lazy are computed first. Calls from several threads run side by side.
  /// - Throws: what is wrong with the arguments' shapes or data; `fixed-value`.
  public func callAsFunction(_ inputs: repeat each Input) throws -> Output { try result(repeat each inputs) }

  func result(_ inputs: repeat each Input) throws -> Output {
    output.replacing(try program.results(of: try fixed.tensors(of: repeat each inputs)))
  }

  /// Computes the output on another thread, while this task is suspended. As many calls run at once as there are
  /// processors.
  /// - Throws: as the call that blocks; `CancellationError` where the task is cancelled before the computation begins.
  ///   One that has begun is finished.
  public func callAsFunction(
    _ inputs: repeat each Input, isolation: isolated (any Actor)? = #isolation
  ) async throws -> Output {
    let tensors = try fixed.tensors(of: repeat each inputs)
    return output.replacing(
      try await CallQueue.shared.evaluate { [program, tensors] in try program.results(of: tensors) })
  }
}

extension CompiledFunction: Sendable where Output: Sendable {}

extension CompiledProgram {
  /// The outputs as tensors, from tensors that are computed if need be.
  func results(of inputs: [Tensor]) throws -> [Tensor] {
    try run(try inputs.arrays()).map { LazyGraph.shared.value($0) }
  }
}

extension [Tensor] {
  /// The elements of each, computed together if need be.
  func arrays() throws -> [HostArray] {
    try LazyGraph.shared.evaluate(try map { try $0.lazyID() })
    return try map { try $0.hostArray() }
  }
}
