import Tensors

// What a loss takes and gives: a prediction and a target, and the mean or the sum over all examples.

/// The cross entropy of logits [n, classes] against integer labels [n], with a weight for each class or labels that do
/// not count.
/// - Parameters:
///   - weights: [classes]; the mean is then that of the losses weighted by those of their labels.
///   - padding: labels whose loss is 0; a mean is over all labels still.
///   - smoothing: how much of the target is spread evenly over all classes.
public func crossEntropy(
  _ logits: Tensor, _ labels: Tensor, weights: Tensor, padding: [Int] = [], smoothing: Double = 0,
  reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([logits, labels], file, line, column) {
    guard logits.rank == 2, labels.rank == 1 else {
      return logits.mistake(
        "rank", "cross entropy takes logits [n, classes] and labels [n], not \(logits.type) and \(labels.type)")
    }
    let logs = logits.logSoftmax(axis: -1)
    let places = labels.iota(labels.elementType, [1, logits.shape[1]], axis: 1)
    let target = (labels.unsqueezed(axes: [-1]) .== places).cast(to: logs.elementType)
    var losses = -(target * logs).sum(axes: [1])
    if smoothing > 0 { losses = losses * (1 - smoothing) - logs.mean(axes: [1]) * smoothing }
    let own = weights.isAbsent ? nil : (target * weights).sum(axes: [1])
    if let own { losses = losses * own }
    for token in padding { losses = losses.replacing(where: labels .== Double(token), with: 0) }
    guard let own, reduction == .mean else { return reduced(losses, reduction) }
    return losses.sum(axes: [0]) / own.sum(axes: [0])
  }
}

/// As above, without weights.
public func crossEntropy(
  _ logits: Tensor, _ labels: Tensor, padding: [Int], smoothing: Double = 0, reduction: LossReduction = .mean,
  file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  crossEntropy(
    logits, labels, weights: .absent, padding: padding, smoothing: smoothing, reduction: reduction, file: file,
    line: line, column: column)
}

/// The cross entropy of independent answers, yes (1) or no (0), of one shape with the predictions.
/// - Parameters:
///   - fromLogits: whether the predictions are logits; otherwise they are probabilities.
///   - weights: of the last axis' entries; each loss is multiplied by its entry's.
///   - smoothing: moves the targets towards ½ by this share.
public func binaryCrossEntropy(
  _ prediction: Tensor, _ target: Tensor, fromLogits: Bool = false, weights: Tensor = .absent, smoothing: Double = 0,
  reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([prediction, target], file, line, column) {
    var y = target.cast(to: prediction.elementType)
    if smoothing > 0 { y = y * (1 - smoothing) + smoothing / 2 }
    var losses =
      fromLogits
      ? (1 - y) * prediction - prediction.logSigmoid()
        // The logarithm of a probability that is 0 counts as -100.
      : -(y * prediction.log().clip(minimum: -100) + (1 - y) * (1 - prediction).log().clip(minimum: -100))
    if !weights.isAbsent { losses = losses * weights }
    return reduced(losses, reduction)
  }
}

/// Σ over wrong classes of max(0, margin - x[label] + x[class])^power / classes, of scores [n, classes] and labels [n].
public func multiMarginLoss(
  _ scores: Tensor, _ labels: Tensor, power: Double = 1, margin: Double = 1, reduction: LossReduction = .mean,
  file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([scores, labels], file, line, column) {
    guard scores.rank == 2 else { return scores.mistake("rank", "scores are [n, classes], not \(scores.type)") }
    let places = labels.iota(labels.elementType, [1, scores.shape[1]], axis: 1)
    let isLabel = labels.unsqueezed(axes: [-1]) .== places
    let own = (isLabel.cast(to: scores.elementType) * scores).sum(axes: [1], keepAxes: true)
    let excess = (scores - own + margin).relu()
    let losses = (power == 1 ? excess : excess.power(power)).replacing(where: isLabel, with: 0)
    return reduced(losses.mean(axes: [1]), reduction)
  }
}

/// log(1 + e^(-y x)) of targets that are 1 or -1.
public func softMarginLoss(
  _ prediction: Tensor, _ target: Tensor, reduction: LossReduction = .mean, file: String = #fileID,
  line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([prediction, target], file, line, column) {
    reduced((-(target.cast(to: prediction.elementType) * prediction)).softplus(), reduction)
  }
}

/// y (log y - x) of log probabilities x; or e^y (y - x), where the target is in logarithms too.
/// - Parameter batchMean: divides the sum by the first extent rather than by all elements.
public func klDivergence(
  _ logProbabilities: Tensor, _ target: Tensor, logTarget: Bool = false, batchMean: Bool = false,
  reduction: LossReduction = .mean, file: String = #fileID, line: Int = #line, column: Int = #column
) -> Tensor {
  Tensor.placed([logProbabilities, target], file, line, column) {
    let losses =
      logTarget
      ? target.exp() * (target - logProbabilities)
      : (target * (target.log() - logProbabilities)).replacing(where: target .<= 0, with: 0)
    guard batchMean, losses.rank > 0 else { return reduced(losses, reduction) }
    return losses.sum(axes: Array(0..<losses.rank))
      / losses.dimensionValue(losses.shape[0]).cast(to: losses.elementType)
  }
}
