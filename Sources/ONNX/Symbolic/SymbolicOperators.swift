import TensorIR
import TensorOps

/// The operators that are evaluated at import when all their inputs are known up to symbols.
///
/// Each gives nil where the answer is not a dimension or not decidable; then the node becomes operations like any
/// other.
enum SymbolicOperators {
  typealias Evaluation = @Sendable (NodeConversion) throws -> [SymbolicTensor]?

  static let table: [String: Evaluation] = moves.merging(arithmetic) { first, _ in first }

  /// The results of a node that can be evaluated, nil for others.
  static func results(of node: NodeConversion) throws -> [ImportedValue]? {
    guard let evaluate = table[node.node.opType], let values = try evaluate(node) else { return nil }
    return values.map { ImportedValue(.dimensions($0)) }
  }

  /// Operands that are all known; nil where one is not.
  static func operands(_ node: NodeConversion) -> [SymbolicTensor]? {
    let known = node.inputs.indices.compactMap { node.symbolic($0) }
    return known.count == node.inputs.count && !known.isEmpty ? known : nil
  }

  /// A function of the elements at the same place of broadcast operands; nil where the function gives nil.
  static func pointwise(
    _ operands: [SymbolicTensor], _ type: ElementType, _ function: ([Dimension]) -> Dimension?
  ) -> [SymbolicTensor]? {
    let rank = operands.map(\.rank).max() ?? 0
    var shape = [Int](repeating: 1, count: rank)
    for operand in operands {
      for (axis, extent) in zip(shape.indices.suffix(operand.rank), operand.shape) where extent != 1 {
        guard shape[axis] == 1 || shape[axis] == extent else { return nil }
        shape[axis] = extent
      }
    }
    guard let count = TensorLiteral.count(of: shape), count <= SymbolicTensor.maximumCount else { return nil }
    let strides = operands.map { ReferenceTensor.strides($0.shape) }
    var elements: [Dimension] = []
    for index in ReferenceTensor.indices(shape) {
      let values = operands.indices.map {
        operands[$0].elements[ReferenceTensor.broadcastPosition(index, in: operands[$0].shape, strides[$0])]
      }
      guard let value = function(values) else { return nil }
      elements.append(value)
    }
    return SymbolicTensor(type, shape, elements).map { [$0] }
  }
}
