import TensorData
import TensorIR
import TensorOps

/// A float by which an extent is multiplied, known up to symbols.
enum ScaleFactor: CustomStringConvertible {
  case number(Double)
  /// One dimension by another, both as floats.
  case quotient(Dimension, Dimension)

  var number: Double? {
    if case .number(let value) = self { value } else { nil }
  }

  /// Whether it is a positive number, as far as that is known.
  var isPositive: Bool { number.map { $0 > 0 && $0.isFinite } ?? true }

  var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .quotient(let above, let below): below == 1 ? "\(above)" : "\(above) / \(below)"
    }
  }

  /// The elements of an input of floats; nil where it is left out.
  /// - Throws: where they are computed from more than extents.
  static func read(_ node: NodeConversion, _ index: Int) throws -> [ScaleFactor]? {
    do {
      guard let literal = try node.literal(index) else { return nil }
      return (0..<literal.elementCount).compactMap { literal.number($0).map { .number($0) } }
    } catch {
      guard case .tensor(let tensor) = try node.input(index).content else { throw error }
      var reader = ScaleReader(node.graph)
      guard let found = reader.factors(ValueID(tensor.id)) else { throw error }
      return found
    }
  }
}

/// Follows the operations that make a vector of scales from extents: casts, quotients, and moves of elements.
private struct ScaleReader {
  private let function: Function
  private let known: KnownValues
  private let recorder: TraceRecorder
  private var makers: [ValueID: Operation] = [:]

  init(_ graph: GraphImport) {
    (recorder, known) = (graph.recorder, graph.known)
    function = recorder.builder.function
    for operation in function.body.operations {
      for result in operation.results { makers[result] = operation }
    }
  }

  /// The elements in order; nil where one is not known, or there are too many.
  mutating func factors(_ id: ValueID) -> [ScaleFactor]? {
    let largest = 64
    guard let shape = function.type(of: id).constantShape, let count = TensorLiteral.count(of: shape), count <= largest
    else { return nil }
    if let literal = known.literal(Tensor(recorder, id.index)) {
      return (0..<count).compactMap { literal.number($0).map { .number($0) } }
    }
    guard let operation = makers[id], shape.count <= 1 else { return nil }
    switch operation.op {
    case let op as DimensionValues: return op.values.map { .quotient($0, 1) }
    case is Cast, is Reshape, is Floor, is Ceil: return wholeOrSame(operation)
    case let op as Slice:
      guard let all = operand(operation, 0), op.starts.count == 1, let start = op.starts[0].constant else { return nil }
      let places = (0..<count).map { start + $0 * op.steps[0] }
      return places.allSatisfy(all.indices.contains) ? places.map { all[$0] } : nil
    case is Gather:
      guard let all = operand(operation, 0), let places = operand(operation, 1)?.compactMap(\.number) else {
        return nil
      }
      let normal = places.map { Int($0) < 0 ? Int($0) + all.count : Int($0) }
      return normal.count == count && normal.allSatisfy(all.indices.contains) ? normal.map { all[$0] } : nil
    case is Concat:
      let parts = operation.operands.indices.compactMap { operand(operation, $0) }
      return parts.count == operation.operands.count ? parts.flatMap { $0 } : nil
    case is Divide: return pairs(operation, count) { ScaleReader.divide($0, $1) }
    default: return nil
    }
  }

  private mutating func operand(_ operation: Operation, _ index: Int) -> [ScaleFactor]? {
    guard index < operation.operands.count, let id = operation.operands[index] else { return nil }
    return factors(id)
  }

  /// Operations that keep whole numbers as they are.
  private mutating func wholeOrSame(_ operation: Operation) -> [ScaleFactor]? {
    guard let all = operand(operation, 0) else { return nil }
    if operation.op is Reshape { return all }
    let areWhole = all.allSatisfy { factor in
      switch factor {
      case .number(let value): value == value.rounded()
      case .quotient(_, let below): below == 1
      }
    }
    return areWhole ? all : nil
  }

  private mutating func pairs(
    _ operation: Operation, _ count: Int, _ combine: (ScaleFactor, ScaleFactor) -> ScaleFactor?
  ) -> [ScaleFactor]? {
    guard let a = operand(operation, 0), let b = operand(operation, 1), !a.isEmpty, !b.isEmpty else { return nil }
    let results = (0..<count).compactMap { combine(a[a.count == 1 ? 0 : $0], b[b.count == 1 ? 0 : $0]) }
    return results.count == count ? results : nil
  }

  /// The quotient of whole numbers.
  private static func divide(_ a: ScaleFactor, _ b: ScaleFactor) -> ScaleFactor? {
    func whole(_ factor: ScaleFactor) -> Dimension? {
      switch factor {
      case .number(let value): Int(exactly: value).map { Dimension($0) }
      case .quotient(let above, let below): below == 1 ? above : nil
      }
    }
    if let x = a.number, let y = b.number { return .number(Double(Float(x) / Float(y))) }
    guard let above = whole(a), let below = whole(b) else { return nil }
    return .quotient(above, below)
  }
}
