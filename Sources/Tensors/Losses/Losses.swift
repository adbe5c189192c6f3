import TensorIR
import TensorOps

/// What becomes of the losses of single examples.
public enum LossReduction: Sendable { case mean, sum }

/// The cross entropy of logits [n, classes] against integer labels [n]: the mean of -log softmax(logits)[label].
///
/// The labels are compared with 0, 1, … rather than used as indices, so that the gradient is pointwise too; a label that
/// is no class has loss 0.
/// - Parameter smoothing: how much of the target is spread evenly over all classes.
public func crossEntropy(
  _ logits: Tensor, _ labels: Tensor, smoothing: Double = 0, reduction: LossReduction = .mean, file: String = #fileID,
  line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([logits, labels], file, line, column) {
    let logs = logits.logSoftmax(axis: -1)
    guard let classes = logits.shape.last else { return logs }
    let classNumbers = labels.iota(labels.elementType, [1, classes], axis: 1)
    let target = (labels.unsqueezed(axes: [-1]) .== classNumbers).cast(to: logs.elementType)
    var losses = -(target * logs).sum(axes: [-1])
    if smoothing > 0 { losses = losses * (1 - smoothing) - logs.mean(axes: [-1]) * smoothing }
    return reduced(losses, reduction)
  }
}

/// The cross entropy of logits [.., classes] against probabilities of the same shape: the mean, or the sum, of
/// -Σ probability · log softmax(logits) over the last axis.
public func crossEntropy(
  _ logits: Tensor, probabilities: Tensor, reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line,
  column: Int = #column
) -> Tensor {
  Tensor.placed([logits, probabilities], file, line, column) {
    reduced(-(probabilities * logits.logSoftmax(axis: -1)).sum(axes: [-1]), reduction)
  }
}

/// The squared differences of two tensors of one shape, averaged or summed.
public func meanSquaredError(
  _ prediction: Tensor, _ target: Tensor, reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line,
  column: Int = #column
) -> Tensor {
  Tensor.placed([prediction, target], file, line, column) {
    let difference = prediction - target
    return reduced(difference * difference, reduction)
  }
}

package func reduced(_ losses: Tensor, _ reduction: LossReduction) -> Tensor {
  let axes = Array(0..<losses.rank)
  return reduction == .mean ? losses.mean(axes: axes) : losses.sum(axes: axes)
}
