import TensorIR
import TensorOps

/// ONNX's operators and how each becomes operations of the tensor IR: one line for each, in a table for each theme.
enum OnnxOperators {
  /// Gives the values of a node's outputs, in order; it may leave out outputs at the end that no opset requires.
  typealias Converter = @Sendable (NodeConversion) throws -> [ImportedValue]

  static let table: [String: Converter] = [
    arithmetic,
    activations,
    comparisons,
    constants,
    shapes,
    indexing,
    reductions,
    normalisation,
    contractions,
    windows,
    sampling,
    recurrent,
    control,
    lists,
    losses,
    quantised,
    signals,
    randomness,
    determinants,
    ngrams,
    selection,
    grids,
    computedSizes,
    attention,
    rootMeanSquares,
    newer,
  ].reduce(into: [:]) { all, theme in all.merge(theme) { first, _ in first } }

  /// The converter of a node's operator; nil where there is none.
  static func converter(of node: Onnx_NodeProto) -> Converter? {
    switch OnnxModel.canonicalDomain(node.domain) {
    case "": table[node.opType]
    case "com.microsoft": microsoft[node.opType]
    case "ai.onnx.ml": learning[node.opType]
    case "ai.onnx.preview": preview[node.opType]
    case "ai.onnx.preview.training", "ai.onnx.training": optimizers[node.opType]
    default: nil
    }
  }

  /// A converter that records one operation over all inputs.
  static func plain(_ op: any TensorOp) -> Converter {
    { node in try node.add(op, list: node.tensors()).map { ImportedValue(.tensor($0)) } }
  }

  /// A converter that gives one tensor.
  static func one(_ convert: @escaping @Sendable (NodeConversion) throws -> Tensor) -> Converter {
    { node in [ImportedValue(.tensor(try convert(node)))] }
  }

  /// The element type for ONNX's number of it.
  static func elementType(_ code: Int) throws -> ElementType {
    guard let type = Onnx_TensorProto.DataType(rawValue: code) else {
      throw OnnxError("onnx-element-type", "element type number \(code) is unknown")
    }
    return try ElementType(.supported(type))
  }
}

extension NodeConversion {
  /// A tensor in another element type.
  func cast(_ tensor: Tensor, to type: ElementType) throws -> Tensor {
    tensor.elementType == type ? tensor : try add(Cast(to: type), tensor)
  }

  func reshape(_ tensor: Tensor, _ shape: [Dimension]) throws -> Tensor {
    tensor.shape == shape ? tensor : try add(Reshape(shape), tensor)
  }

  func transpose(_ tensor: Tensor, _ permutation: [Int]) throws -> Tensor {
    permutation == Array(0..<tensor.rank) ? tensor : try add(Transpose(permutation), tensor)
  }

  /// A tensor broadcast, as pointwise operations do, with another shape.
  func broadcast(_ tensor: Tensor, with shape: [Dimension]) throws -> Tensor {
    var context = InferenceContext(symbols: symbols)
    let target = try context.broadcastShapes([tensor.shape, shape])
    if tensor.shape == target && context.guards.isEmpty { return tensor }
    let result = try add(BroadcastTo(target), tensor)
    // The other shape is no operand, and must fit all the same.
    graph.recorder.addGuards(context.guards.map { .init($0.condition, $0.message, at: graph.recorder.location) })
    return result
  }
}
