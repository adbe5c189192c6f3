import TensorIR
import TensorOps

/// Runs a pass on a function and on the regions of its control flow, the innermost first. Each is a function to the pass.
enum Nested {
  static func run(_ function: Function, _ pass: (Function) throws -> Function) throws -> Function {
    try pass(try rewriteRegions(of: function) { try run($0, pass) })
  }

  /// The function with what a pass makes of the regions of its own operations.
  static func rewriteRegions(of function: Function, _ pass: (Function) throws -> Function) throws -> Function {
    guard function.body.operations.contains(where: { $0.op is any ControlOp }) else { return function }
    var rebuild = Rebuild(function)
    for operation in function.body.operations {
      guard operation.op is any ControlOp else {
        rebuild.copy(operation)
        continue
      }
      let bodies = try operation.regions.map { try pass(function.function(of: $0)) }
      rebuild.copy(operation, regions: bodies.map { rebuild.builder.embed($0) })
    }
    return rebuild.finish()
  }
}
