import TensorIR
import TensorOps

extension OnnxOperators {
  /// Normalisations with the sums before them, as transformers have them.
  static let fusedNormalisation: [String: Converter] = [
    "SkipLayerNormalization": { node in try skipNormalised(node, isSimple: false) },
    "SkipSimplifiedLayerNormalization": { node in try skipNormalised(node, isSimple: true) },
    "SimplifiedLayerNormalization": rootMeanSquare,
    "EmbedLayerNormalization": embedNormalised,
  ]

  /// Operators on root mean squares; onnxruntime's simplified one stands in the default domain too.
  static let rootMeanSquares: [String: Converter] = [
    "RMSNormalization": { node in [try rootMeanSquare(node)[0]] },
    "SimplifiedLayerNormalization": rootMeanSquare,
  ]

  /// x / √(mean x² + ε) · scale over the axes from `axis` on, and the factor of each row.
  private static func rootMeanSquare(_ node: NodeConversion) throws -> [ImportedValue] {
    let (x, scale) = (try node.tensor(0), try node.tensor(1))
    let axis = try node.axis(node.integer("axis") ?? -1, rank: x.rank)
    let epsilon = try node.float("epsilon") ?? 1e-5
    let (result, factor) = rootMeanSquare(x, from: axis, epsilon: epsilon)
    let stash = try node.integer("stash_type") ?? 1
    guard [1, 10, 11, 16].contains(stash) else {
      throw OnnxError("onnx-stash-type", "its stash_type \(stash) is no float")
    }
    return [result.cast(to: scale.elementType) * scale, factor].map { ImportedValue($0) }
  }

  private static func rootMeanSquare(_ x: Tensor, from axis: Int, epsilon: Double) -> (Tensor, factor: Tensor) {
    let mean = (x * x).mean(axes: Array(axis..<x.rank), keepAxes: true)
    let factor = (mean + mean.like(epsilon)).sqrt().reciprocal()
    return (x * factor, factor)
  }

  /// The normalised sum of two tensors and a bias; the sum is the fourth result.
  private static func skipNormalised(_ node: NodeConversion, isSimple: Bool) throws -> [ImportedValue] {
    let epsilon = try node.float("epsilon") ?? 1e-12
    var sum = try node.tensor(0) + node.tensor(1)
    let bias = isSimple ? 3 : 4
    if node.hasInput(bias) { sum = sum + (try node.tensor(bias)) }
    let scale = try node.tensor(2)
    if isSimple {
      let (result, factor) = rootMeanSquare(sum, from: sum.rank - 1, epsilon: epsilon)
      return [result * scale, factor, factor, sum].map { ImportedValue($0) }
    }
    return try normalised(node, sum, scale: scale, shift: node.optionalTensor(3), epsilon: epsilon).map {
      ImportedValue($0)
    } + [ImportedValue(sum)]
  }

  /// The last axis normalised, its mean and the inverse of its deviation.
  private static func normalised(
    _ node: NodeConversion, _ x: Tensor, scale: Tensor, shift: Tensor, epsilon: Double
  ) throws -> [Tensor] {
    let operands = [x, scale] + (shift.isAbsent ? [] : [shift])
    let result = try node.add(LayerNorm(axis: x.rank - 1, epsilon: epsilon), list: operands)[0]
    let mean = x.mean(axes: [x.rank - 1], keepAxes: true)
    let centred = x - mean
    let variance = (centred * centred).mean(axes: [x.rank - 1], keepAxes: true)
    return [result, mean, (variance + variance.like(epsilon)).sqrt().reciprocal()]
  }

  /// The normalised sum of the embeddings of words, positions and segments; how many words the mask leaves; the sum.
  private static func embedNormalised(_ node: NodeConversion) throws -> [ImportedValue] {
    node.ignore("mask_index_type")
    let words = try node.tensor(0)
    guard words.rank == 2 else { throw OnnxError("onnx-rank", "it takes words [batch, steps], not rank \(words.rank)") }
    var sum = try node.tensor(2).gather(words, axis: 0)
    let positions = try node.tensor(3)
    let places = node.hasInput(8) ? try node.tensor(8) : words.iota(.i64, [1, words.shape[1]], axis: 1)
    sum = sum + positions.gather(places, axis: 0)
    if node.hasInput(1) { sum = sum + (try node.tensor(4)).gather(try node.tensor(1), axis: 0) }
    let results = try normalised(
      node, sum, scale: node.tensor(5), shift: node.optionalTensor(6), epsilon: node.float("epsilon") ?? 1e-12)
    let counts: Tensor
    if node.hasInput(7) {
      let mask = try node.tensor(7)
      counts = (mask .== mask.like(1)).cast(to: .i32).sum(axes: [1])
    } else {
      counts = try node.add(Full(0, .i32, [words.shape[0]]))
    }
    return [results[0], counts, sum].map { ImportedValue($0) }
  }
}
