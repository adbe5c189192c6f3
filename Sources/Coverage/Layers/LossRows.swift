import TensorLayers

extension LayerCoverage {
  static func losses(_ list: inout LayerRowList) {
    list.row(
      "loss/CrossEntropyLoss", "crossEntropy(logits, labels, weights: weights, smoothing: 0.1)", gradient: .of([0])
    ) { x in
      [
        crossEntropy(x[0], x[1]), crossEntropy(x[0], x[1], weights: x[2]),
        crossEntropy(x[0], x[1], padding: [], smoothing: 0.1, reduction: .sum), crossEntropy(x[0], x[1], padding: [2]),
        crossEntropy(x[0], x[1], weights: x[2], smoothing: 0.1),
      ]
    }
    list.row(
      "loss/BinaryCrossEntropyLoss", "binaryCrossEntropy(logits, targets, fromLogits: true)", gradient: .of([0, 1])
    ) { x in
      [
        binaryCrossEntropy(x[0], x[2]), binaryCrossEntropy(x[1], x[2], fromLogits: true),
        binaryCrossEntropy(x[0], x[2], weights: x[3], reduction: .sum),
        binaryCrossEntropy(x[1], x[2], fromLogits: true, smoothing: 0.2),
      ]
    }
    list.row("loss/MseLoss", "meanSquaredError(x, y)") { x in
      [meanSquaredError(x[0], x[1]), meanSquaredError(x[0], x[1], reduction: .sum)]
    }
    list.numbers("loss/Reduction", "reduction: .mean") { _ in
      let (x, y) = (Tensor([1, 2]), Tensor([3, 5]))
      return try [LossReduction.mean, .sum].map { try meanSquaredError(x, y, reduction: $0).item() }
    }
    list.row("loss/HuberLoss", "huberLoss(x, y, delta: 0.75)") { x in [huberLoss(x[0], x[1], delta: 0.75)] }
    list.row("loss/SmoothL1Loss", "smoothL1Loss(x, y, beta: 0.5)") { x in [smoothL1Loss(x[0], x[1], beta: 0.5)] }
    list.row("loss/LpLoss", "lpLoss(x, y, power: 3)") { x in
      [lpLoss(x[0], x[1], power: 1), lpLoss(x[0], x[1], power: 3)]
    }
    list.row("loss/CTCLoss", "ctcLoss(logProbabilities, labels, steps: steps, lengths: lengths)", gradient: .of([0])) {
      x in
      [
        ctcLoss(x[0], x[1], steps: x[2], lengths: x[3]),
        ctcLoss(x[0], x[1], steps: x[2], lengths: x[3], reduction: .sum),
        // More labels than steps have no alignment.
        ctcLosses(x[0], x[1], steps: x[2] * 0 + 1, lengths: x[3] * 0 + 2, zeroInfinity: true),
      ]
    }
    list.no("loss/RNNTLoss", "a loss over alignments of two sequences")
  }

  static func moreLosses(_ list: inout LayerRowList) {
    list.row("loss/PoissonNllLoss", "poissonLoss(x, counts)", gradient: .of([0, 1])) { x in
      [poissonLoss(x[0], x[2]), poissonLoss(x[1], x[2], isLog: false, full: true)]
    }
    list.row("loss/CosineEmbeddingLoss", "cosineEmbeddingLoss(a, b, targets, margin: -0.75)") { x in
      [cosineEmbeddingLoss(x[0], x[1], x[2], margin: -0.75)]
    }
    list.row("loss/KLDivLoss", "klDivergence(logProbabilities, target, batchMean: true)", gradient: .of([0])) { x in
      [
        klDivergence(x[0], x[1]), klDivergence(x[0], x[1], batchMean: true),
        klDivergence(x[0], x[2], logTarget: true, reduction: .sum),
      ]
    }
    list.row("loss/GaussianNLLLoss", "gaussianLoss(mean, target, variance: variance)") { x in
      [gaussianLoss(x[0], x[1], variance: x[2]), gaussianLoss(x[0], x[1], variance: x[2], full: true)]
    }
    list.row("loss/HingeEmbeddingLoss", "hingeEmbeddingLoss(distance, targets)") { x in [hingeEmbeddingLoss(x[0], x[1])]
    }
    list.row("loss/MarginRankingLoss", "marginRankingLoss(a, b, targets, margin: 0.25)") { x in
      [marginRankingLoss(x[0], x[1], x[2], margin: 0.25)]
    }
    list.row("loss/SoftMarginLoss", "softMarginLoss(x, targets)") { x in [softMarginLoss(x[0], x[1])] }
    list.row("loss/MultiMarginLoss", "multiMarginLoss(scores, labels)") { x in
      [multiMarginLoss(x[0], x[1]), multiMarginLoss(x[0], x[1], power: 2)]
    }
    list.row("loss/TripletMarginLoss", "tripletMarginLoss(anchor, positive, negative)") { x in
      [tripletMarginLoss(x[0], x[1], x[2]), tripletMarginLoss(x[0], x[1], x[2], swap: true)]
    }
  }
}
