import TensorIR
import TensorOps

extension OnnxOperators {
  /// Normalisations, softmax and what is nothing at inference.
  static let normalisation: [String: Converter] = [
    "Softmax": one { node in try softmax(node) { Softmax(axis: $0) } },
    "LogSoftmax": one { node in try softmax(node) { LogSoftmax(axis: $0) } },
    "Hardmax": one(hardmax),
    "LayerNormalization": layerNorm,
    "BatchNormalization": batchNorm,
    "MeanVarianceNormalization": one(meanVariance),
    "InstanceNormalization": one { node in
      let x = try node.tensor(0)
      guard x.rank >= 2 else { throw OnnxError("onnx-rank", "it takes channels on axis 1, which rank \(x.rank) lacks") }
      let factors = [try node.tensor(1), try node.tensor(2)]
      return try grouped(node, x, groups: x.shape[1], factors, epsilon: node.float("epsilon") ?? 1e-5)
    },
    "GroupNormalization": one(groupNorm),
    "LpNormalization": one(lpNorm),
    "Dropout": dropout,
  ]

  /// Before opset 13 all axes from `axis` on were one.
  private static func softmax(_ node: NodeConversion, _ op: (Int) -> any TensorOp) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? (node.opset < 13 ? 1 : -1), rank: x.rank)
    if node.opset >= 13 || axis == x.rank - 1 { return try node.add(op(axis), x) }
    let rows = try node.reshape(x, [x.shape.prefix(axis).reduce(1, *), x.shape.suffix(from: axis).reduce(1, *)])
    return try node.reshape(node.add(op(1), rows), x.shape)
  }

  private static func hardmax(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? (node.opset < 13 ? 1 : -1), rank: x.rank)
    if node.opset >= 13 || axis == x.rank - 1 { return try hardmax(node, x, axis: axis) }
    // Before opset 13 all axes from `axis` on were one.
    let rows = try node.reshape(x, [x.shape.prefix(axis).reduce(1, *), x.shape.suffix(from: axis).reduce(1, *)])
    return try node.reshape(hardmax(node, rows, axis: 1), x.shape)
  }

  private static func hardmax(_ node: NodeConversion, _ x: Tensor, axis: Int) throws -> Tensor {
    let first = try node.add(ArgMax(axis: axis, keepAxes: true, selectLast: false), x)
    return try node.cast(node.add(Equal(), node.add(Iota(.i64, x.shape, axis: axis)), first), to: x.elementType)
  }

  /// The mean and the inverse of the deviation, where they are asked for, are computed apart.
  private static func layerNorm(_ node: NodeConversion) throws -> [ImportedValue] {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? -1, rank: x.rank)
    guard try (node.integer("stash_type") ?? 1) == 1 else {
      throw OnnxError("onnx-stash-type", "stash_type must be 1")
    }
    let epsilon = try node.float("epsilon") ?? 1e-5
    let operands = try [x, node.tensor(1)] + (node.hasInput(2) ? [node.tensor(2)] : [])
    let result = try node.add(LayerNorm(axis: axis, epsilon: epsilon), list: operands)
    guard node.node.output.dropFirst().contains(where: { !$0.isEmpty }) else { return [ImportedValue(result[0])] }
    let axes = Array(axis..<x.rank)
    let wide = x.elementType == .f64 ? x : x.cast(to: .f32)
    let mean = wide.mean(axes: axes, keepAxes: true)
    let centred = wide - mean
    let variance = (centred * centred).mean(axes: axes, keepAxes: true)
    return [result[0], mean, (variance + variance.like(epsilon)).sqrt().reciprocal()].map { ImportedValue($0) }
  }

  private static func batchNorm(_ node: NodeConversion) throws -> [ImportedValue] {
    node.ignore("is_test")
    let x = try node.tensor(0)
    let epsilon = try node.float("epsilon") ?? 1e-5
    let momentum = try node.float("momentum") ?? 0.9
    let operands = try (1..<5).map { try node.tensor($0) }
    guard try node.flag("spatial", default: true) else {
      // Before opset 9: statistics and parameters for each place, which broadcast over the batch.
      let deviation = (operands[3] + operands[3].like(epsilon)).sqrt()
      return [ImportedValue((x - operands[2]) / deviation * operands[0] + operands[1])]
    }
    let factors = operands.prefix(2).map { $0.cast(to: x.elementType) }
    guard try node.flag("training_mode") else {
      let statistics = operands.dropFirst(2).map { $0.cast(to: x.elementType) }
      return try node.add(BatchNorm(epsilon: epsilon), list: [x] + factors + statistics).map { ImportedValue($0) }
    }
    // The statistics of this batch normalise it and move the running ones.
    let axes = x.shape.indices.filter { $0 != 1 }
    let mean = x.mean(axes: axes, keepAxes: true)
    let variance = ((x - mean) * (x - mean)).mean(axes: axes, keepAxes: true)
    let own = try [mean, variance].map { try node.reshape($0, [x.shape[1]]) }
    let result = try node.add(BatchNorm(epsilon: epsilon), list: [x] + factors + own)[0]
    let moved = zip(operands.dropFirst(2), own).map { running, batch in
      running * running.like(momentum) + batch.cast(to: running.elementType) * running.like(1 - momentum)
    }
    return ([result] + moved).map { ImportedValue($0) }
  }

  /// Each channel, unless axes say otherwise, brought to mean 0 and deviation 1.
  private static func meanVariance(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axes = try node.axes(node.integers("axes") ?? [0, 2, 3], rank: x.rank)
    let centred = x - x.mean(axes: axes, keepAxes: true)
    let deviation = (centred * centred).mean(axes: axes, keepAxes: true).sqrt()
    return centred / (deviation + x.like(1e-9))
  }

  /// Each group of channels brought to mean 0 and variance 1; scale and bias are for each channel.
  private static func grouped(
    _ node: NodeConversion, _ x: Tensor, groups: Dimension, _ factors: [Tensor], epsilon: Double
  ) throws -> Tensor {
    let size = node.symbols.quotient(x.shape.dropFirst().reduce(1, *), groups)
    let rows = try node.reshape(x, [x.shape[0], groups, size])
    let centred = try node.add(Subtract(), rows, node.add(Mean(axes: [2], keepAxes: true), rows))
    let variance = try node.add(Mean(axes: [2], keepAxes: true), node.add(Multiply(), centred, centred))
    let deviation = try node.add(Sqrt(), node.add(Add(), variance, node.scalar(epsilon, x.elementType)))
    let normal = try node.reshape(node.add(Divide(), centred, deviation), x.shape)
    let channels = [x.shape[1]] + x.shape.dropFirst(2).map { _ in Dimension(1) }
    let scaled = try node.add(Multiply(), normal, node.reshape(factors[0], channels))
    return try node.add(Add(), scaled, node.reshape(factors[1], channels))
  }

  /// Before opset 21 scale and bias are for each group, since for each channel.
  private static func groupNorm(_ node: NodeConversion) throws -> Tensor {
    guard let groups = try node.integer("num_groups"), groups > 0 else {
      throw OnnxError("onnx-missing-attribute", "its num_groups is missing")
    }
    node.ignore("stash_type")
    let x = try node.tensor(0)
    guard x.rank >= 2 else { throw OnnxError("onnx-rank", "it takes channels on axis 1, which rank \(x.rank) lacks") }
    let size = node.symbols.quotient(x.shape[1], Dimension(groups))
    let factors = try (1...2).map { index in
      let factor = try node.tensor(index)
      if node.opset >= 21 { return factor }
      return try node.reshape(
        node.reshape(factor, [Dimension(groups), 1]).broadcast(to: [Dimension(groups), size]), [x.shape[1]])
    }
    return try grouped(node, x, groups: Dimension(groups), factors, epsilon: node.float("epsilon") ?? 1e-5)
  }

  private static func lpNorm(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? -1, rank: x.rank)
    let power = try node.integer("p") ?? 2
    guard power == 1 || power == 2 else { throw OnnxError("onnx-lp", "p is 1 or 2, not \(power)") }
    let parts = power == 1 ? try node.add(Absolute(), x) : try node.add(Multiply(), x, x)
    let sum = try node.add(Sum(axes: [axis], keepAxes: true), parts)
    // Zeros have no direction and stay zeros.
    let length = Tensor.select(sum .== sum.like(0), sum.like(1), power == 1 ? sum : try node.add(Sqrt(), sum))
    return try node.add(Divide(), x, length)
  }

  /// Nothing at inference, and where nothing is dropped; its mask is all true.
  /// In training elements are dropped at random and the others made greater, so that the mean stays; see ``randomness``.
  private static func dropout(_ node: NodeConversion) throws -> [ImportedValue] {
    node.ignore("is_test")
    let usual = 0.5
    let ratio =
      node.opset < 12 ? try node.float("ratio") ?? usual : node.hasInput(1) ? node.number(1) : usual
    let isTraining = node.hasInput(2) && node.symbolic(2)?.numbers != [0] && ratio != 0
    guard isTraining else {
      node.ignore("seed")
      // The mask was of the operand's type at first.
      let type = try node.opset < 10 ? node.type(0).elementType : .bool
      return try dropped(node, node.input(0), mask: node.add(Full(1, type, node.shape(0))))
    }
    guard node.symbolic(2)?.numbers == [1] else {
      throw OnnxError("onnx-data-dependent", "whether it drops elements is computed from data, which is not supported")
    }
    let x = try node.tensor(0)
    let wide = x.elementType == .f64 ? x : x.cast(to: .f32)
    let dropping = try ratio.map { wide.like($0) } ?? node.tensor(1).cast(to: wide.elementType)
    let kept = wide.like(1) - dropping
    let mask = try node.randomState(seed: UInt32(truncatingIfNeeded: node.integer("seed") ?? 0)).randomBernoulli(
      kept.broadcast(to: x.shape), .bool)
    let result = Tensor.select(mask, wide / kept, wide.like(0)).cast(to: x.elementType)
    return dropped(node, ImportedValue(result), mask: mask)
  }

  /// The result and, where it is asked for, the mask.
  private static func dropped(
    _ node: NodeConversion, _ result: ImportedValue, mask: @autoclosure () throws -> Tensor
  ) rethrows -> [ImportedValue] {
    let wantsMask = node.node.output.count > 1 && !node.node.output[1].isEmpty
    return wantsMask ? [result, ImportedValue(.tensor(try mask()))] : [result]
  }
}
