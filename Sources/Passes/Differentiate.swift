import TensorIR
import TensorOps

/// Puts forward and backward pass in the place of each operation that stands for a region differentiated, the innermost
/// first, so that gradients of gradients need no more than this.
enum Differentiate {
  static func run(_ function: Function) throws -> Function {
    hasGradients(function) ? try Nested.run(function, expand) : function
  }

  /// Whether something stands in it, or in a region of it, that is to be differentiated.
  static func hasGradients(_ function: Function) -> Bool { hasGradients(function.body) }

  private static func hasGradients(_ region: Region) -> Bool {
    region.operations.contains { $0.op is any DifferentiatingOp || $0.regions.contains(where: hasGradients) }
  }

  private static func expand(_ function: Function) throws -> Function {
    let (trace, tensors) = try Replay.run(function) { operation, operands in
      guard let op = operation.op as? any DifferentiatingOp else { return nil }
      // What it stands for has places of its own.
      (Tensor.recorder(of: operands) as? TraceRecorder)?.location = .unknown
      return try op.expand(operation, of: function, operands)
    }
    return try trace.finish(function.body.results.compactMap { tensors[$0] }, names: function.resultNames)
  }
}
