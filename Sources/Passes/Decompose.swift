import TensorIR
import TensorOps
import TensorSchedules

/// Replaces composite ops that have no kernels of their own by simpler ones, until only ops with kernels are left.
enum Decompose {
  static func run(_ function: Function) throws -> Function {
    let trace = TraceRecorder(like: function)
    var tensors: [ValueID: Tensor] = [:]
    for id in function.body.parameters { tensors[id] = trace.parameter(function.type(of: id), name: function[id].name) }
    for operation in function.body.operations {
      let operands = operation.operands.map { $0.flatMap { tensors[$0] } ?? .absent }
      trace.location = operation.location
      let results: [Tensor]
      let first = trace.operationCount
      if let op = operation.op as? any TensorOp, !hasKernels(op) || op.needsWidening(operands),
        let simpler = try Checkpointing.like(operation, { try op.decomposed(operands) })
      {
        // What went wrong in it is the trace's to tell.
        if simpler.contains(where: \.isPoison) { throw Diagnostics(trace.diagnostics) }
        results = simpler
        trace.allowNegativeExtents(since: first)
        trace.addGuards(operation.guards)
        for (tensor, id) in zip(results, operation.results) { trace.setName(function[id].name, of: tensor) }
      } else {
        let ids = operands.map { $0.isAbsent ? nil : ValueID($0.id) }
        results = try trace.copy(operation, from: function, operands: ids).map { Tensor(trace, $0.index) }
        // What a decomposition before allowed is asked for again where it is copied.
        if !operation.guards.contains(where: \.isOfExtent) { trace.allowNegativeExtents(since: first) }
      }
      for (id, tensor) in zip(operation.results, results) { tensors[id] = tensor }
    }
    let decomposed = try trace.finish(function.body.results.compactMap { tensors[$0] }, names: function.resultNames)
    let isDone = decomposed.body.operations.allSatisfy { ($0.op as? any TensorOp).map(hasKernels) ?? true }
    return isDone || decomposed.body.operations.count == function.body.operations.count
      ? decomposed : try run(decomposed)
  }

  static func hasKernels(_ op: any TensorOp) -> Bool { hasKernels(type(of: op)) }

  static func hasKernels(_ type: any TensorOp.Type) -> Bool {
    type is any ElementOp.Type || type is any ReductionOp.Type || type is any ScheduledOp.Type
      || type is any RegionOp.Type || type is any StoredOp.Type
  }
}
