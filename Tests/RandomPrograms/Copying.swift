import TensorIR
import TensorOps

/// Records a function's operations once more elsewhere.
enum Copying {
  /// The function's results for other parameters; its symbols are replaced in types and attributes, not in
  /// regions.
  static func copy(
    _ function: Function, into trace: TraceRecorder, _ inputs: [Tensor],
    _ replacement: (String) -> Dimension? = { _ in nil }
  ) throws -> [Tensor] {
    for symbol in function.symbols.symbols where symbol.isComputed && replacement(symbol.name) == nil {
      trace.declare(symbol)
    }
    var known: [ValueID: Tensor] = [:]
    for (parameter, input) in zip(function.body.parameters, inputs) { known[parameter] = input }
    for operation in function.body.operations {
      guard let op = try operation.op.substituting(replacement) as? any TensorOp else { continue }
      let operands = operation.operands.map { $0.flatMap { known[$0] } ?? .absent }
      let bodies = operation.regions.map { function.function(of: $0) }
      for (id, tensor) in zip(operation.results, try trace.add(op, operands, bodies: bodies)) { known[id] = tensor }
    }
    return function.body.results.compactMap { known[$0] }
  }
}
