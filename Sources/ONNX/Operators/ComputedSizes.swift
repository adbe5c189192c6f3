import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators whose results are as long as the run finds.
  static let computedSizes: [String: Converter] = [
    "NonZero": one { node in try node.nonzero(node.tensor(0)) },
    "NonMaxSuppression": one(suppressed),
    "Unique": unique,
  ]

  private static func suppressed(_ node: NodeConversion) throws -> Tensor {
    let (boxes, scores) = (try node.tensor(0), try node.tensor(1))
    guard boxes.rank == 3, scores.rank == 3 else {
      throw OnnxError("onnx-rank", "it takes boxes and scores of rank 3, not \(boxes.rank) and \(scores.rank)")
    }
    func scalar(_ index: Int, _ fallback: Double, _ type: ElementType) throws -> Tensor {
      guard node.hasInput(index) else { return try node.add(Full(fallback, type, []), list: [])[0] }
      return try node.cast(node.reshape(node.tensor(index), []), to: type)
    }
    // Without a number of boxes none is taken, without a least score all are.
    let limits = [try scalar(2, 0, .i64), try scalar(3, 0, .f32), try scalar(4, -.infinity, .f32)]
    let count = scores.shape[2]
    let wanted = node.hasInput(2) ? node.symbolic(2)?.elements.first : 0
    let most = wanted.map { node.symbols.minimum(node.symbols.maximum($0, 0), count) } ?? count
    let rows = scores.shape[0] * scores.shape[1] * most
    let op = NonMaxSuppression(rows: rows, centred: try node.flag("center_point_box"))
    let found = try node.add(op, list: [boxes, scores] + limits)
    let size = try node.size("boxes", of: found[1], bound: rows)
    return try node.add(Slice(starts: [0, 0], sizes: [size, 3], steps: [1, 1]), found[0])
  }
}
