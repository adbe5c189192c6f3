import TensorIR
import TensorOps

/// Puts the operations of every `fused` in its place. A text may hold groups that somebody wrote; the passes before fusion
/// look at operations one by one, and fusion makes its own groups, which it knows kernels for.
enum OpenGroups {
  static func run(_ function: Function) throws -> Function {
    var current = function
    // A group may stand in a group.
    while current.body.operations.contains(where: { $0.isGroup }) { current = try opened(current) }
    return current
  }

  private static func opened(_ function: Function) throws -> Function {
    var rebuild = Rebuild(function)
    for operation in function.body.operations {
      guard operation.isGroup, let body = operation.regions.first else {
        rebuild.copy(operation)
        continue
      }
      for (parameter, operand) in zip(body.parameters, operation.operands) {
        if let value = operand.flatMap({ rebuild.values[$0] }) { rebuild.set(parameter, to: value) }
      }
      for (place, inner) in body.operations.enumerated() {
        var inner = inner
        if place == 0 { inner.guards = operation.guards.adding(inner.guards) }
        rebuild.copy(inner)
      }
      for (outer, inner) in zip(operation.results, body.results) {
        guard var value = rebuild.values[inner] else { continue }
        if body.operations.isEmpty && !operation.guards.isEmpty {
          // What is required is required of something.
          value = try rebuild.builder.add(Copy(), [value], at: operation.location)[0]
          rebuild.builder.addGuards(operation.guards)
        }
        rebuild.set(outer, to: value)
      }
    }
    return rebuild.finish()
  }
}
