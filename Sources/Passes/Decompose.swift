import TensorIR
import TensorOps
import TensorSchedules

/// Replaces composite ops that have no kernels of their own by simpler ones, until only ops with kernels are left.
enum Decompose {
  static func run(_ function: Function) throws -> Function {
    let (trace, tensors) = try Replay.run(function) { operation, operands in
      guard let op = operation.op as? any TensorOp, !hasKernels(op) || op.needsWidening(operands) else { return nil }
      return try Checkpointing.like(operation) { try op.decomposed(operands) }
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
