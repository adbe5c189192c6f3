import TensorIR
import TensorOps

/// Records a function again, with other operations in the place of some.
enum Replay {
  /// - Parameter replacement: the results of what stands for an operation on its operands; nil for the operation itself.
  static func run(
    _ function: Function, _ replacement: (Operation, [Tensor]) throws -> [Tensor]?
  ) throws -> (trace: TraceRecorder, tensors: [ValueID: Tensor]) {
    let trace = TraceRecorder(like: function)
    var tensors: [ValueID: Tensor] = [:]
    for id in function.body.parameters { tensors[id] = trace.parameter(function.type(of: id), name: function[id].name) }
    for operation in function.body.operations {
      let operands = operation.operands.map { $0.flatMap { tensors[$0] } ?? .absent }
      trace.location = operation.location
      let results: [Tensor]
      let first = trace.operationCount
      if let others = try replacement(operation, operands) {
        // What went wrong in it is the trace's to tell.
        if others.contains(where: \.isPoison) { throw Diagnostics(trace.diagnostics) }
        results = others
        trace.allowNegativeExtents(since: first)
        trace.addGuards(operation.guards)
        for (tensor, id) in zip(results, operation.results) { trace.setName(function[id].name, of: tensor) }
      } else {
        let ids = operands.map { $0.isAbsent ? nil : ValueID($0.id) }
        results = try trace.copy(operation, from: function, operands: ids).map { Tensor(trace, $0.index) }
        // What a replacement before allowed is asked for again where it is copied.
        if !operation.guards.contains(where: \.isOfExtent) { trace.allowNegativeExtents(since: first) }
      }
      for (id, tensor) in zip(operation.results, results) { tensors[id] = tensor }
    }
    return (trace, tensors)
  }
}
