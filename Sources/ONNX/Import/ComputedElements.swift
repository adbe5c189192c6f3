import TensorIR
import TensorOps

/// The elements of a short tensor of integers one by one: dimensions where they are, else scalars of the function, of
/// which sizes are made that the run finds.
struct ComputedElements {
  private let node: NodeConversion
  private let graph: GraphImport
  private let recorder: TraceRecorder

  /// One element.
  enum Element {
    case known(Dimension)
    case scalar(Tensor)
  }

  /// Shapes are short.
  private static let most = 64

  init(_ node: NodeConversion) {
    (self.node, graph, recorder) = (node, node.graph, node.graph.recorder)
  }

  /// The elements as dimensions.
  func sizes(of tensor: Tensor) throws -> [Dimension] {
    try elements(of: tensor).map { element in
      switch element {
      case .known(let dimension): dimension
      case .scalar(let scalar): try size(of: scalar)
      }
    }
  }

  /// A size for a scalar; the same for the same scalar.
  func size(of scalar: Tensor) throws -> Dimension {
    if let known = graph.foundSize(of: scalar) { return known }
    let bound = try ScalarBounds(graph).most(of: scalar)
    let size = try node.size("size", of: scalar, bound: bound)
    graph.note(size, of: scalar)
    return size
  }

  /// The elements of a tensor, looked up in what makes it as far as that only moves them.
  func elements(of tensor: Tensor) throws -> [Element] {
    let shape = tensor.shape.compactMap(\.constant)
    guard shape.count == tensor.rank, let count = TensorLiteral.count(of: shape), count <= ComputedElements.most else {
      throw OnnxError(
        "onnx-data-dependent",
        "it takes numbers from a tensor \(tensor.type), and how many it holds must be known before it runs"
          + Origins(ImportedValue(tensor), in: graph).hint)
    }
    guard tensor.elementType.isInteger || tensor.elementType == .bool else {
      throw OnnxError("onnx-element-type", "it takes whole numbers from a tensor of \(tensor.elementType)")
    }
    if let known = graph.known.literal(tensor).flatMap({ SymbolicTensor($0) }) {
      return known.elements.map { .known($0) }
    }
    if let found = try moved(tensor, count) { return found }
    if count == 1 { return [.scalar(try node.reshape(tensor, []))] }
    let flat = try node.reshape(tensor, [Dimension(count)])
    return try (0..<count).map { place in
      let one = try node.add(Slice(starts: [Dimension(place)], sizes: [1], steps: [1]), flat)
      return .scalar(try node.reshape(one, []))
    }
  }

  /// The elements of what a tensor is made of.
  private func moved(_ tensor: Tensor, _ count: Int) throws -> [Element]? {
    guard tensor.recorder === recorder, let operation = recorder.maker(of: tensor) else { return nil }
    let operands = operation.operands.compactMap { $0.map { Tensor(recorder, $0.index) } }
    switch operation.op {
    case let op as DimensionValues: return op.values.map { .known($0) }
    case let op as Cast where op.to.isInteger && operands[0].elementType.isInteger:
      return try elements(of: operands[0])
    case is Reshape: return try elements(of: operands[0])
    case is Concat where tensor.rank == 1: return try operands.flatMap { try elements(of: $0) }
    case let op as Slice where tensor.rank == 1:
      guard let start = op.starts[0].constant else { return nil }
      let all = try elements(of: operands[0])
      return (0..<count).map { all[start + $0 * (op.steps.first ?? 1)] }
    default: return nil
    }
  }
}
