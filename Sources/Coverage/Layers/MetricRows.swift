import TensorLayers

extension LayerCoverage {
  private static func value<Chosen: PredictionMetric>(_ metric: Chosen, _ x: Tensor, _ y: Tensor) throws -> Double {
    var metric = metric
    // What was gathered before a reset does not count.
    try metric.add(x, y)
    metric.reset()
    guard metric.value.isNaN || metric.value == 1 else { return .nan }
    try metric.add(x, y)
    return metric.value
  }

  static func metrics(_ list: inout LayerRowList) {
    list.numbers("metric/AccuracyMetric", "Accuracy()") { x in
      [try value(Accuracy(), x[0], x[1]), try value(Accuracy(padding: 2), x[0], x[1])]
    }
    list.numbers("metric/TopKAccuracyMetric", "Accuracy(top: 2)") { x in [try value(Accuracy(top: 2), x[0], x[1])] }
    list.numbers("metric/LossMetric", "LossMetric()") { x in
      var metric = LossMetric()
      for (loss, count) in zip(try x[0].array(of: Double.self), [4, 4, 2]) { metric.add(loss, examples: count) }
      return [metric.value]
    }
    list.numbers("metric/PerplexityMetric", "Perplexity()") { x in
      var metric = Perplexity()
      for (loss, count) in zip(try x[0].array(of: Double.self), [4, 4, 2]) { metric.add(loss, tokens: count) }
      return [metric.value]
    }
    list.row("metric/ConfusionStats", "ConfusionStats(.multiclass())", types: [.f64], gradient: .none, traced: false) {
      x in
      var stats = ConfusionStats(.multiclass())
      try stats.add(x[0], x[1])
      return [stats.truePositives, stats.falsePositives, stats.falseNegatives, stats.trueNegatives].map {
        Tensor($0.map(Double.init), .f64)
      }
    }
    let many = Decision.multilabel(threshold: 0.35)
    let one = Decision.binary(threshold: 0.35)
    @Sendable func first(_ x: Tensor) -> Tensor { x.sliced(axis: 1, start: 0, size: 1) }
    list.numbers("metric/PrecisionMetric", "Precision(.multiclass(), mean: .macro)") { x in
      [
        try value(Precision(.multiclass()), x[0], x[1]), try value(Precision(.multiclass(), mean: .micro), x[0], x[1]),
        try value(Precision(many), x[0], x[2]), try value(Precision(one), first(x[0]), first(x[2])),
      ]
    }
    list.numbers("metric/RecallMetric", "Recall(.multiclass(), mean: .micro)") { x in
      [
        try value(Recall(.multiclass()), x[0], x[1]), try value(Recall(.multiclass(), mean: .micro), x[0], x[1]),
        try value(Recall(many), x[0], x[2]), try value(Recall(one), first(x[0]), first(x[2])),
      ]
    }
    list.numbers("metric/FBetaScoreMetric", "FBetaScore(.multiclass(), beta: 2)") { x in
      [
        try value(FBetaScore(.multiclass(), beta: 2), x[0], x[1]),
        try value(FBetaScore(.multiclass(), beta: 2, mean: .micro), x[0], x[1]),
        try value(FBetaScore(many, beta: 2), x[0], x[2]), try value(FBetaScore(one, beta: 2), first(x[0]), first(x[2])),
      ]
    }
    list.numbers("metric/HammingScore", "HammingScore(threshold: 0.35)") { x in
      [try value(HammingScore(threshold: 0.35), x[0], x[1])]
    }
    list.numbers("metric/AurocMetric", "AreaUnderCurve(.roc)") { x in [try value(AreaUnderCurve(.roc), x[0], x[1])] }
    list.numbers("metric/AucPrMetric", "AreaUnderCurve(.precisionRecall)") { x in
      [try value(AreaUnderCurve(.precisionRecall), x[0], x[1])]
    }
    texts(&list)
    list.numbers("metric/DiceMetric", "DiceScore()") { x in [try value(DiceScore(), x[0], x[1])] }
    list.numbers("metric/PsnrMetric", "PeakSignalToNoise(peak: 2)") { x in
      [try value(PeakSignalToNoise(peak: 2), x[0], x[1])]
    }
    machine(&list)
  }

  private static func texts(_ list: inout LayerRowList) {
    list.numbers("metric/WordErrorRate", "ErrorRate(.word)") { _ in
      var metric = ErrorRate(.word)
      metric.add("the cat sat", "the cat sat down")
      metric.add("an equal pair", "an equal pair")
      return [metric.value]
    }
    list.numbers("metric/CharErrorRate", "ErrorRate(.character)") { _ in
      var metric = ErrorRate(.character)
      metric.add("kitten", "sitting")
      return [metric.value]
    }
    let found = "the cat is on the mat".split(separator: " ").map(String.init)
    let wanted = "the cat sat on the mat".split(separator: " ").map(String.init)
    list.numbers("metric/BleuScore", "BleuScore(longest: 3)") { _ in
      var metric = BleuScore(longest: 3)
      metric.add(found, wanted)
      return [metric.value]
    }
    list.numbers("metric/RougeLScore", "RougeL()") { _ in
      var metric = RougeL()
      metric.add(found, wanted)
      return [metric.value]
    }
  }

  private static func machine(_ list: inout LayerRowList) {
    func share(_ name: String, _ swift: String, in range: ClosedRange<Double>, _ read: @escaping @Sendable () -> Double)
    {
      list.random("metric/" + name, swift) {
        [Tensor(read())]
      } property: { tensors in
        let value = try tensors[0].item()
        return value.isNaN || range.contains(value) ? nil : "\(value)"
      }
    }
    share("CpuUse", "ProcessorUse()", in: 0...1) {
      let use = ProcessorUse()
      var sum = 0.0
      for number in 0..<3_000_000 { sum += Double(number).squareRoot() }
      return sum > 0 ? use.value : -1
    }
    share("CpuMemory", "Machine.memoryUse()", in: 0...1) { Machine.memoryUse() }
    share("CpuTemperature", "Machine.temperature()", in: -40...130) { Machine.temperature() }
    share("IterationSpeedMetric", "IterationSpeed()", in: 1...1e12) {
      var speed = IterationSpeed()
      for _ in 0..<100 { speed.add() }
      return speed.value
    }
    list.notApplicable("metric/CudaMetric", "there are no GPUs here")
    list.notApplicable("metric/LearningRateMetric", "a schedule says it: `schedule.rate(at: step)`")
    list.numbers("metric/SsimMetric", "StructuralSimilarity(range: 2)") { x in
      [try value(StructuralSimilarity(range: 2, window: 5), x[0], x[1])]
    }
    list.no("metric/MsSsimMetric", "not yet: `StructuralSimilarity` is of one scale")
    list.no(
      "metric/LpipsVgg metric/Dists metric/Fid metric/Afine",
      "it takes the weights of a trained network, and none are shipped")
  }
}
