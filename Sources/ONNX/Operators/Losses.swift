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
    let chosen = try node.add(GatherElements(axis: 1), x, target.unsqueezed(axes: [1]))
    var loss = try -node.reshape(chosen, target.shape)
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
