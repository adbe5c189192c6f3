import TensorIR
import TensorOps

/// Records a function's operations once more elsewhere.
enum Copying {
  /// The function's results for other parameters; its symbols are replaced in types and attributes.
  static func copy(
    _ function: Function, into trace: TraceRecorder, _ inputs: [Tensor],
    _ replacement: (String) -> Dimension? = { _ in nil }
  ) throws -> [Tensor] {
    var known: [ValueID: Tensor] = [:]
    for (parameter, input) in zip(function.body.parameters, inputs) { known[parameter] = input }
    for operation in function.body.operations {
      guard let op = try operation.op.substituting(replacement) as? any TensorOp else { continue }
      let operands = operation.operands.map { $0.flatMap { known[$0] } ?? .absent }
      for (id, tensor) in zip(operation.results, try trace.add(op, operands)) { known[id] = tensor }
    }
    return function.body.results.compactMap { known[$0] }
  }
}
