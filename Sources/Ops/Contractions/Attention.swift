import TensorIR

import func Foundation.exp

/// Scaled dot product attention (Vaswani et al.: "Attention is all you need", 2017) for queries [.., n, d], keys [.., m, d] and
/// values [.., m, e]: softmax(scale · q kᵀ + bias) v, [.., n, e]. The axes before the last two broadcast.
///
/// The bias, and a mask of booleans that is true for keys which a query does not see, broadcast to [.., n, m]; either may be
/// left out. A hidden score counts as `hidden` and is otherwise a score like others: a query of which all keys are hidden by
/// a number takes the same of each, one of which they are hidden by -inf gives NaN. Where it is `causal`, the queries are the last
/// positions of the keys, and none sees a key behind its own: query i sees keys up to i + m - n, and a query before all keys gives NaN.
public struct Attention: TensorOp {
  public static let name = "attention"
  public static let summary = "The values weighted by the softmax of the scaled products of queries and keys."
  public static let signature = Signature(operands: 3...5, optional: [3, 4])
  @Exact public var scale: Double
  @Exact public var hidden: Double
  @Marked public var causal: Bool

  public init(scale: Double = 1, hidden: Double = -.infinity, causal: Bool = false) {
    self.scale = scale
    self.hidden = hidden
    self.causal = causal
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let (q, k, v) = (operands[0], operands[1], operands[2])
    guard q.elementType.isFloat, k.elementType == q.elementType, v.elementType == q.elementType else {
      throw Diagnostic("element-type", "'attention' takes three tensors of floats of one type, not \(q), \(k) and \(v)")
    }
    guard q.rank >= 2, k.rank >= 2, v.rank >= 2 else {
      throw Diagnostic("rank", "'attention' takes queries, keys and values of rank 2 or more, not \(q), \(k) and \(v)")
    }
    let (width, keys) = (q.shape[q.rank - 1], k.shape[k.rank - 2])
    try context.require(
      width, equals: k.shape[k.rank - 1], "queries \(q) and keys \(k) of 'attention' differ in their width")
    try context.require(
      keys, equals: v.shape[v.rank - 2], "'attention' was given keys \(k) and values \(v) of different number")
    let batch = try context.broadcastShapes([q, k, v].map { Array($0.shape.dropLast(2)) })
    let rows = q.shape[q.rank - 2]
    for (place, element) in [(3, q.elementType), (4, ElementType.bool)] where place < operands.count {
      try check(operands[place], element, scores: batch + [rows, keys], &context)
    }
    return [TensorType(q.elementType, batch + [rows, v.shape[v.rank - 1]])]
  }

  private func check(
    _ type: TensorType, _ element: ElementType, scores: [Dimension], _ context: inout InferenceContext
  ) throws {
    if type == FunctionBuilder.absent { return }
    let what = element == .bool ? "mask" : "bias"
    guard type.elementType == element, type.rank <= scores.count else {
      throw Diagnostic(
        "shape-mismatch", "the \(what) of 'attention' is \(element) and broadcasts to \(scores), which \(type) is not")
    }
    // What a symbol stands for may be 1.
    for (joined, extent) in zip(try context.broadcastShapes([type.shape, scores]), scores) {
      try context.require(joined, equals: extent, "the \(what) \(type) of 'attention' does not broadcast to \(scores)")
    }
  }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requireStrides(operands + results)
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = try Evaluator.numbers(types[0])
    let (q, k, v) = (operands[0], operands[1], operands[2])
    let (width, keys, columns) = (q.shape[q.rank - 1], k.shape[k.rank - 2], v.shape[v.rank - 1])
    var result: [Double] = []
    for row in ReferenceTensor.indices(Array(shape.dropLast())) {
      let batch = Array(row.dropLast())
      let (ofQuery, ofKeys, ofValues) = (start(q, batch), start(k, batch), start(v, batch))
      let last = causal ? row[row.count - 1] + keys - shape[shape.count - 2] : keys
      let scores = (0..<keys).map { key -> Double in
        if key > last { return -.infinity }
        let score = (0..<width).reduce(0.0) {
          $0 + q.floats[ofQuery + row[row.count - 1] * width + $1] * k.floats[ofKeys + key * width + $1]
        }
        return seen(score * scale, operands, row + [key])
      }
      let greatest = scores.max() ?? 0
      let powers = scores.map { exp($0 - greatest) }
      let total = powers.reduce(0, +)
      for column in 0..<columns {
        result.append(
          powers.indices.reduce(0.0) { $0 + powers[$1] / total * v.floats[ofValues + $1 * columns + column] })
      }
    }
    return [ReferenceTensor(q.elementType, shape, floats: result)]
  }

  /// Where the matrix of a batch begins.
  private func start(_ tensor: ReferenceTensor, _ batch: [Int]) -> Int {
    ReferenceTensor.broadcastPosition(
      batch, in: Array(tensor.shape.dropLast(2)), Array(ReferenceTensor.strides(tensor.shape).dropLast(2)))
  }

  /// A score with bias and mask.
  private func seen(_ score: Double, _ operands: [ReferenceTensor], _ place: [Int]) -> Double {
    func position(_ operand: Int) -> Int? {
      guard operand < operands.count, !operands[operand].isAbsent else { return nil }
      let shape = operands[operand].shape
      return ReferenceTensor.broadcastPosition(place, in: shape, ReferenceTensor.strides(shape))
    }
    if let mask = position(4), operands[4].integers[mask] != 0 { return hidden }
    return score + (position(3).map { operands[3].floats[$0] } ?? 0)
  }

  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    func operand(_ place: Int) -> Tensor? {
      place < operands.count && !operands[place].isAbsent ? operands[place] : nil
    }
    var scores = Tensor.matmul(operands[0], operands[1], transposeRight: true)
    scores = scores * scores.like(scale)
    if let bias = operand(3) { scores = scores + bias }
    if let mask = operand(4) { scores = .select(mask, scores.like(hidden), scores) }
    if causal {
      scores = .select(
        Attention.behind(scores.shape[scores.rank - 2], scores.shape[scores.rank - 1], beside: scores),
        scores.like(-.infinity), scores)
    }
    return [scores.softmax(axis: scores.rank - 1).matmul(operands[2])]
  }
}

extension Attention: AccumulatingOp {
  /// Which keys lie behind each query where queries are the last positions of the keys: bool [queries, keys].
  public static func behind(_ queries: Dimension, _ keys: Dimension, beside x: Tensor) -> Tensor {
    let last = x.iota(.i64, [queries, keys], axis: 0) + x.dimensionValue(keys - queries)
    return x.iota(.i64, [queries, keys], axis: 1) .> last
  }
}
