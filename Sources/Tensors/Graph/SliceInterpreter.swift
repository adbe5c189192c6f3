import TensorIR
import TensorOps
import TensorRuntime

/// Computes a slice operation by operation: what only moves elements on arrays in memory, the rest by the ops' own
/// formulas.
struct SliceInterpreter {
  /// A value as it was made; the other form is made when it is asked for.
  private enum Value {
    case array(HostArray)
    case reference(ReferenceTensor)

    func array() throws -> HostArray {
      switch self {
      case .array(let array): array
      case .reference(let tensor): try HostArray(tensor)
      }
    }

    func reference() throws -> ReferenceTensor {
      switch self {
      case .array(let array): try ReferenceTensor(array)
      case .reference(let tensor): tensor
      }
    }
  }

  private var values: [Value]

  static func run(_ plan: SlicePlan, _ inputs: [HostArray]) throws -> [HostArray] {
    var interpreter = SliceInterpreter(values: inputs.map { .array($0) })
    for (operation, step) in zip(plan.operations, plan.key.steps) {
      do { try interpreter.run(operation, step) } catch let diagnostic as Diagnostic {
        throw diagnostic.located(at: operation.location)
      }
    }
    // A view with gaps is copied once, here, rather than whenever it is read.
    return try plan.key.results.map { number in
      let array = try interpreter.values[number].array()
      return array.isDense ? array : try array.reshaped(array.shape)
    }
  }

  private mutating func run(_ operation: LazyOperation, _ step: SlicePlan.Step) throws {
    let present = step.operands.compactMap { $0.map { values[$0] } }
    if HostMoves.moves(operation.op, []),
      let result = try HostMoves.result(of: operation.op, present.map { try $0.array() })
    {
      values.append(.array(result))
      return
    }
    let operands = try step.operands.map { try $0.map { try values[$0].reference() } ?? .absent }
    values += try operation.op.evaluate(operands, operation.resultTypes).map { .reference($0) }
  }
}
