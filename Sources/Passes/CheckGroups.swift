import TensorIR
import TensorOps

/// Holds a function that comes from a text to what lowering takes for granted and fusion sees to otherwise: every result
/// has memory of its own, and every `fused` is a group for which there is a kernel.
enum CheckGroups {
  static func run(_ function: Function) throws {
    guard try SeparateResults.run(function).body.operations.count == function.body.operations.count else {
      throw Diagnostic(
        "not-lowered",
        "a result of '\(function.name)' has no row-major memory of its own; start from 'fuse', which copies it")
    }
    guard try function.donations.isEmpty || ProtectDonations.run(function).text() == function.text() else {
      throw Diagnostic(
        "not-lowered",
        "memory of a parameter of '\(function.name)' is taken over while it is read; start from 'fuse', which orders that"
      )
    }
    for operation in function.body.operations where operation.isGroup { try check(operation, function) }
    for operation in function.body.operations where operation.op is any ControlOp {
      for region in operation.regions { try run(function.function(of: region)) }
    }
  }

  /// Whether fusion, given the operations of a group alone, would make one group of them.
  private static func check(_ operation: Operation, _ function: Function) throws {
    guard let body = operation.regions.first else { return }
    let made = Set(body.operations.flatMap(\.results))
    let isOwn = Set(body.results).count == body.results.count && body.results.allSatisfy(made.contains)
    var alone = Function(name: function.name, symbols: function.symbols)
    for value in function.values { _ = alone.addValue(value.type, name: value.name) }
    alone.body = body
    guard isOwn, try Fuse.run(alone).body.operations.count <= 1 else {
      let names = operation.results.map { function[$0].name }.filter { !$0.isEmpty }
      let what = names.isEmpty ? "" : " that makes \(names.map { "%\($0)" }.joined(separator: ", "))"
      throw Diagnostic(
        "not-lowered",
        "no kernel computes the operations of the 'fused'\(what) together; start from 'fuse', which makes groups itself",
        at: operation.location)
    }
  }
}
