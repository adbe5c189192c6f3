import TensorIR
import TensorOps

/// Arguments being traced: their tensors become parameters of one function.
struct TraceArguments {
  private(set) var types: [TensorType] = []
  private(set) var names: [String] = []
  private var counts: [Int] = []

  /// Adds an argument's tensors.
  /// - Throws: `unvisited-field`.
  mutating func add<Example: TensorExample>(_ example: Example, at place: Location) throws {
    try (example as? any TensorContainer)?.checkFields(at: place)
    let stem = "x\(counts.count)"
    for (name, type) in example.parameters {
      names.append(name.isEmpty ? stem : counts.isEmpty ? name : "\(stem).\(name)")
      types.append(type)
    }
    counts.append(example.parameters.count)
  }

  /// Gives all tensors other names.
  mutating func rename(_ names: [String], at place: Location) throws {
    guard names.count == types.count else {
      throw Diagnostic(
        "name-count", "'inputs' takes a name for each of \(types.count) tensors and was given \(names.count)", at: place
      )
    }
    self.names = names
  }

  /// A recorder with these parameters, and their tensors, argument by argument.
  func recorder(name: String) -> (TraceRecorder, [[Tensor]]) {
    var symbols = SymbolTable()
    for dimension in types.flatMap(\.shape) {
      for name in dimension.symbols where symbols[name] == nil { symbols.declare(Symbol(name)) }
    }
    let recorder = TraceRecorder(name: name, symbols: symbols)
    var all = zip(types, names).map { recorder.parameter($0, name: $1) }[...]
    let groups = counts.map { count in (0..<count).compactMap { _ in all.popFirst() } }
    return (recorder, groups)
  }
}

/// The groups of traced tensors, handed out one argument after the other.
final class TensorSupply {
  private var groups: ArraySlice<[Tensor]>
  init(_ groups: [[Tensor]]) { self.groups = groups[...] }
  func next<Example: TensorExample>(_ example: Example) -> Example.Traced {
    example.traced(groups.popFirst() ?? [])
  }
}

/// Gives operations recorded in `body` a place, that of the caller's source, unless a call further out gave one.
///
/// Layers use it, since operators cannot know their line:
///
///     public func callAsFunction(_ x: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
///       located(x, file: file, line: line, column: column) { x.matmul(weight) + bias }
///     }
public func located<Result>(
  _ operands: Tensor..., file: String, line: Int, column: Int, _ body: () throws -> Result
) rethrows -> Result {
  try Tensor.located(operands, at: .source(file: file, line: line, column: column), body)
}
