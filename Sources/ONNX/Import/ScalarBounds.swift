import TensorIR
import TensorOps

/// What a scalar is at most, from what it is computed of; nil where that is not known.
struct ScalarBounds {
  private let recorder: TraceRecorder
  private var symbols: SymbolTable { recorder.symbols }
  /// How far back it is looked.
  private static let depth = 12

  init(_ graph: GraphImport) { recorder = graph.recorder }

  func most(of tensor: Tensor) throws -> Dimension? { most(ValueID(tensor.id), ScalarBounds.depth) }

  /// Whether a scalar is certainly not negative.
  func isNatural(_ tensor: Tensor) -> Bool { isNatural(ValueID(tensor.id), ScalarBounds.depth) }

  private func most(_ id: ValueID, _ depth: Int) -> Dimension? {
    guard depth > 0, id.index >= 0, let operation = recorder.maker(of: Tensor(recorder, id.index)) else { return nil }
    func of(_ place: Int) -> Dimension? { operation.operands[place].flatMap { most($0, depth - 1) } }
    switch operation.op {
    case let op as DimensionValues: return op.values.count == 1 ? symbols.bound(of: op.values[0]) : nil
    case let op as Full: return Int(exactly: op.value.rounded(.up)).map { Dimension($0) }
    case let op as Constant where op.value.count == 1:
      let number = ReferenceTensor(op.value).number(0).rounded(.up)
      return number.magnitude < 1e15 ? Dimension(Int(number)) : nil
    case let op as Cast where op.to.isFloat || op.to == .i64 || op.to == .i32: return of(0)
    case is Reshape, is Slice, is Floor, is BroadcastTo, is Copy: return of(0)
    case is Size: return symbols.bound(of: Dimension(symbol: operation.op.definedSizes[0]))
    case is Multiply:
      guard isNatural(operation.operands[0], depth), isNatural(operation.operands[1], depth), let a = of(0),
        let b = of(1)
      else { return nil }
      return a * b
    case is Divide, is FloorDivide:
      // By a number that is at least 1 it becomes no greater.
      guard let divisor = number(operation.operands[1]), divisor > 0, isNatural(operation.operands[0], depth),
        let a = of(0)
      else { return nil }
      return divisor >= 1 ? a : a * Dimension(Int((1 / divisor).rounded(.up)))
    case is Sum: return counted(operation)
    case is Minimum: return [of(0), of(1)].compactMap { $0 }.first
    case is Maximum, is Select:
      let last = operation.operands.count - 1
      guard let a = of(last - 1), let b = of(last) else { return nil }
      return .maximum(a, b)
    case is Add:
      guard let a = of(0), let b = of(1) else { return nil }
      return a + b
    case let op as ArgMax: return operandShape(operation).map { $0[op.axis] }
    default: return nil
    }
  }

  /// Of truth values the sum is at most their number.
  private func counted(_ operation: Operation) -> Dimension? {
    guard let source = operation.operands[0], let cast = recorder.maker(of: Tensor(recorder, source.index)),
      cast.op is Cast, let truth = cast.operands[0], recorder.type(of: truth.index).elementType == .bool,
      recorder.type(of: operation.results[0].index).rank == 0
    else { return nil }
    return symbols.bound(of: recorder.type(of: truth.index).count)
  }

  /// The number that a constant scalar holds.
  private func number(_ id: ValueID?) -> Double? {
    guard let id, let operation = recorder.maker(of: Tensor(recorder, id.index)) else { return nil }
    switch operation.op {
    case let op as Full: return op.value
    case let op as Constant where op.value.count == 1: return ReferenceTensor(op.value).number(0)
    case is Reshape, is Cast: return number(operation.operands[0])
    default: return nil
    }
  }

  /// Whether a value is certainly not negative.
  private func isNatural(_ id: ValueID?, _ depth: Int) -> Bool {
    guard depth > 0, let id, let operation = recorder.maker(of: Tensor(recorder, id.index)) else { return false }
    switch operation.op {
    case let op as DimensionValues: return op.values.allSatisfy { symbols.isAtMost(0, $0) == .yes }
    case is Size, is ArgMax: return true
    case is Maximum: return operation.operands.contains { isNatural($0, depth - 1) }
    case is Add, is Multiply, is Minimum: return operation.operands.allSatisfy { isNatural($0, depth - 1) }
    case is Cast, is Reshape, is Slice, is Floor, is Ceil, is BroadcastTo, is Copy:
      return isNatural(operation.operands[0], depth - 1)
    case is Divide, is FloorDivide:
      return isNatural(operation.operands[0], depth - 1) && number(operation.operands[1]).map { $0 > 0 } ?? false
    default: return number(id).map { $0 >= 0 } ?? false
    }
  }

  private func operandShape(_ operation: Operation) -> [Dimension]? {
    operation.operands[0].map { recorder.type(of: $0.index).shape }
  }
}
