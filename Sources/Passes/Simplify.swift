import TensorIR
import TensorOps

/// Drops what nothing uses.
enum Simplify {
  static func run(_ function: Function) throws -> Function { dropUnused(function) }

  /// Operations none of whose results is used.
  static func dropUnused(_ function: Function) -> Function {
    var used = Set(function.body.results)
    var kept: [Operation] = []
    for operation in function.body.operations.reversed() where operation.results.contains(where: { used.contains($0) }) {
      kept.append(operation)
      used.formUnion(operation.operands.compactMap { $0 })
    }
    var rebuild = Rebuild(function)
    kept.reversed().forEach { rebuild.copy($0) }
    return rebuild.finish()
  }
}
