import TensorIR
import TensorOps

/// Records a function's operations once more elsewhere.
enum Copying {
  /// The function's results for other parameters; its symbols are replaced in types, attributes and guards.
  static func copy(
    _ function: Function, into trace: TraceRecorder, _ inputs: [Tensor],
    _ replacement: (String) -> Dimension? = { _ in nil }
  ) throws -> [Tensor] {
    let own = try function.substituting(replacement)
    for var symbol in function.symbols.symbols {
      symbol.name = replacement(symbol.name)?.symbolName ?? symbol.name
      symbol.bound = symbol.bound?.substituting(replacement)
      if trace.symbols[symbol.name] == nil { trace.declare(symbol) }
    }
    var known: [ValueID: Tensor] = [:]
    for (parameter, input) in zip(own.body.parameters, inputs) { known[parameter] = input }
    for operation in own.body.operations {
      let operands = operation.operands.map { $0.flatMap { known[$0] }.map { ValueID($0.id) } }
      let results = try trace.copy(operation, from: own, operands: operands)
      for (id, made) in zip(operation.results, results) { known[id] = Tensor(trace, made.index) }
    }
    return own.body.results.compactMap { known[$0] }
  }
}
