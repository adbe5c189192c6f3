import TensorIR
import TensorOps
import TensorRuntime

/// Operations of the lazy graph that are to become one function: what goes in and what comes out.
struct SlicePlan {
  struct Step: Hashable {
    /// The op with its attributes.
    var op: AnyHashable
    /// Numbers of values: inputs first, then every result in order.
    var operands: [Int?]
  }

  /// Equal for slices that one function serves.
  struct Key: Hashable {
    var inputs: [TensorType]
    var steps: [Step]
    var results: [Int]
  }

  private(set) var key = Key(inputs: [], steps: [], results: [])
  /// The slots of values that come from outside.
  private(set) var inputs: [Int] = []
  /// The slots of values that are needed outside, and their types.
  private(set) var results: [Int] = []
  private(set) var resultTypes: [TensorType] = []
  private(set) var operations: [LazyOperation] = []
  /// How long the evaluator takes, in nanoseconds; an estimate.
  private(set) var evaluatorTime = 0

  init(_ numbers: [Int], wanted: Set<Int>, graph: LazyGraph) {
    operations = numbers.compactMap { graph.operation($0) }
    var made: Set<Int> = []
    var known: Set<Int> = []
    var readInside: [Int: Int] = [:]
    for operation in operations {
      for case let slot? in operation.operands {
        readInside[slot, default: 0] += 1
        if !made.contains(slot), known.insert(slot).inserted { inputs.append(slot) }
      }
      for case let slot? in operation.results { made.insert(slot) }
    }
    var valueNumbers = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })
    var next = inputs.count
    key.inputs = inputs.map { graph.node($0).type }
    for operation in operations {
      let operands = operation.operands.map { $0.flatMap { valueNumbers[$0] } }
      key.steps.append(Step(op: AnyHashable(operation.op), operands: operands))
      for slot in operation.results {
        if let slot {
          valueNumbers[slot] = next
          let node = graph.node(slot)
          if wanted.contains(slot) || node.handles > 0 || node.readers > readInside[slot] ?? 0 {
            results.append(slot)
            resultTypes.append(node.type)
            key.results.append(next)
          }
        }
        next += 1
      }
      let types = operation.operands.compactMap { $0.map { graph.node($0).type } }
      evaluatorTime = evaluatorTime.addingSaturating(
        EvaluatorTime.nanoseconds(operation.op, types, operation.resultTypes))
    }
  }

  /// Whether ranks meet in it.
  var holdsCollectives: Bool { operations.contains { $0.op is any CollectiveOp } }

  /// The function that computes the slice, without names and places, which are no part of its identity.
  func function() throws -> Function {
    var builder = FunctionBuilder(name: "lazy")
    var values: [ValueID?] = key.inputs.enumerated().map { builder.parameter($1, name: "x\($0)") }
    for (operation, step) in zip(operations, key.steps) {
      let operands = step.operands.map { $0.flatMap { values[$0] } }
      values += try builder.add(operation.op, operands, at: operation.location).map { $0 }
    }
    return builder.finish(key.results.compactMap { values[$0] }, names: key.results.indices.map { "y\($0)" })
  }
}
