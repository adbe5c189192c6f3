import TensorIR
import TensorOps

extension OnnxOperators {
  /// Losses of classifiers; the classes stand on axis 1.
  static let losses: [String: Converter] = [
    "NegativeLogLikelihoodLoss": one { node in try negativeLogLikelihood(node, node.tensor(0)) },
    "SoftmaxCrossEntropyLoss": { node in
      let logarithms = try node.tensor(0).logSoftmax(axis: 1)
      return [ImportedValue(try negativeLogLikelihood(node, logarithms)), ImportedValue(logarithms)]
    },
  ]

  /// `-w[t] x[n, t, d…]` for the class t of each place; 0 where t is the class to ignore. The mean is weighted.
  private static func negativeLogLikelihood(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    guard x.rank >= 2, try node.rank(1) == x.rank - 1 else {
      throw OnnxError("onnx-rank", "it takes classes of one axis fewer than the scores of rank \(x.rank)")
    }
    let given = try node.cast(node.tensor(1), to: .i64)
    let ignored = try node.integer("ignore_index").map { given .== given.like(Double($0)) }
    let target = ignored.map { Tensor.select($0, given.like(0), given) } ?? given
    let zero = x.like(0)
    var loss = try -node.picked(x, target, axis: 1)
    var weights = node.hasInput(2) ? try node.tensor(2).gather(target) : nil
    if let ignored {
      weights = Tensor.select(ignored, zero, weights ?? x.like(1))
      loss = Tensor.select(ignored, zero, loss)
    }
    if let weights { loss = loss * weights }
    let all = Array(0..<loss.rank)
    switch try node.string("reduction") ?? "mean" {
    case "none": return loss
    case "sum": return loss.sum(axes: all)
    case "mean": return weights.map { loss.sum(axes: all) / $0.sum(axes: all) } ?? loss.mean(axes: all)
    case let other: throw OnnxError("onnx-reduction", "reduction '\(other)' is unknown")
    }
  }
}

extension NodeConversion {
  /// The element of `x` along an axis that an index names for each place of the other axes. The result has the shape
  /// of the indices, which have no such axis.
  func picked(_ x: Tensor, _ indices: Tensor, axis: Int) throws -> Tensor {
    // Slices along the axis of one flat tensor: place before · extent + index, then place behind.
    let moved = try transpose(x, x.shape.indices.filter { $0 != axis } + [axis])
    let extent = x.shape[axis]
    let count = moved.shape.dropLast().reduce(1, *)
    let flat = try reshape(moved, [count * extent])
    let chosen = try reshape(indices, [count])
    let size = flat.dimensionValue(extent)
    let isThere = (chosen .>= chosen.like(0)) .& (chosen .< size)
    // What is no class must not become another row's.
    let beyond = flat.dimensionValue(count * extent)
    let place = flat.iota(.i64, [count], axis: 0) * size + chosen
    return try reshape(flat.gather(Tensor.select(isThere, place, beyond)), indices.shape)
  }
}
