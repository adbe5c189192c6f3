import TensorIR
import TensorOps

/// Gives every result memory of its own: a result that is a parameter, a constant, a view of another value or another
/// result is copied.
enum SeparateResults {
  static func run(_ function: Function) throws -> Function {
    var rebuild = Rebuild(function)
    function.body.operations.forEach { rebuild.copy($0) }
    var taken: Set<ValueID> = []
    var results: [ValueID] = []
    for result in function.body.results {
      let root = root(of: result, in: function)
      let isOwn = root.map { !$0.operation.isConstantMemory } ?? false
      let source = root?.value ?? result
      guard let value = rebuild.values[result] else { continue }
      if isOwn && function.type(of: result).layout.isPlain && taken.insert(source).inserted {
        results.append(value)
      } else {
        let copy: any TensorOp = function.type(of: result).layout.blocks.isEmpty ? Copy() : Reorder(.plain)
        results.append(try rebuild.builder.add(copy, [value], names: [function[result].name])[0])
      }
    }
    return rebuild.builder.finish(results, names: function.resultNames)
  }

  /// The operation whose memory a value lies in, and which of its results; nil for a parameter's.
  static func root(of value: ValueID, in function: Function) -> (operation: Operation, value: ValueID)? {
    var current = value
    while let operation = function.body.operations.first(where: { $0.results.contains(current) }) {
      guard operation.isView(in: function), let source = operation.operands[0] else {
        return (operation, current)
      }
      current = source
    }
    return nil
  }
}
