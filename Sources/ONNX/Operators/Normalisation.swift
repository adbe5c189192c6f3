import TensorIR
import TensorOps

extension OnnxOperators {
  /// Normalisations, softmax and what is nothing at inference.
  static let normalisation: [String: Converter] = [
    "Softmax": one { node in try softmax(node) { Softmax(axis: $0) } },
    "LogSoftmax": one { node in try softmax(node) { LogSoftmax(axis: $0) } },
    "Hardmax": one(hardmax),
    "LayerNormalization": one(layerNorm),
    "BatchNormalization": one(batchNorm),
    "InstanceNormalization": one { node in
      let x = try node.tensor(0)
      return try grouped(node, x, groups: x.shape[1], epsilon: node.float("epsilon") ?? 1e-5)
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
    guard node.opset >= 13 || x.rank <= 2 else { throw OnnxError("onnx-opset", "it is supported from opset 13 on") }
    let axis = try node.axis(node.integer("axis") ?? -1, rank: x.rank)
    let first = try node.add(ArgMax(axis: axis, keepAxes: true, selectLast: false), x)
    return try node.cast(node.add(Equal(), node.add(Iota(.i64, x.shape, axis: axis)), first), to: x.elementType)
  }

  private static func layerNorm(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? -1, rank: x.rank)
    guard try (node.integer("stash_type") ?? 1) == 1 else {
      throw OnnxError("onnx-stash-type", "stash_type must be 1")
    }
    let op = LayerNorm(axis: axis, epsilon: try node.float("epsilon") ?? 1e-5)
    let scale = try node.tensor(1)
    return node.hasInput(2) ? try node.add(op, x, scale, node.tensor(2)) : try node.add(op, x, scale)
  }

  private static func batchNorm(_ node: NodeConversion) throws -> Tensor {
    node.ignore("momentum", "is_test", "consumed_inputs")
    guard try !node.flag("training_mode"), try node.flag("spatial", default: true) else {
      throw OnnxError("onnx-training-mode", "it is supported as at inference only; export the model for inference")
    }
    let x = try node.tensor(0)
    let statistics = try (1..<5).map { try node.cast(node.tensor($0), to: x.elementType) }
    return try node.add(BatchNorm(epsilon: node.float("epsilon") ?? 1e-5), list: [x] + statistics)[0]
  }

  /// Each group of channels brought to mean 0 and variance 1; scale and bias are for each channel.
  private static func grouped(
    _ node: NodeConversion, _ x: Tensor, groups: Dimension, epsilon: Double
  ) throws -> Tensor {
    guard x.rank >= 2 else { throw OnnxError("onnx-rank", "it takes channels on axis 1, which rank \(x.rank) lacks") }
    let size = node.symbols.quotient(x.shape.dropFirst().reduce(1, *), groups)
    let rows = try node.reshape(x, [x.shape[0], groups, size])
    let centred = try node.add(Subtract(), rows, node.add(Mean(axes: [2], keepAxes: true), rows))
    let variance = try node.add(Mean(axes: [2], keepAxes: true), node.add(Multiply(), centred, centred))
    let deviation = try node.add(Sqrt(), node.add(Add(), variance, node.scalar(epsilon, x.elementType)))
    let normal = try node.reshape(node.add(Divide(), centred, deviation), x.shape)
    let channels = [x.shape[1]] + x.shape.dropFirst(2).map { _ in Dimension(1) }
    let scaled = try node.add(Multiply(), normal, node.reshape(node.tensor(1), channels))
    return try node.add(Add(), scaled, node.reshape(node.tensor(2), channels))
  }

  private static func groupNorm(_ node: NodeConversion) throws -> Tensor {
    guard node.opset >= 21 else {
      throw OnnxError("onnx-opset", "before opset 21 its scale is for each group, which is not supported")
    }
    guard let groups = try node.integer("num_groups"), groups > 0 else {
      throw OnnxError("onnx-missing-attribute", "its num_groups is missing")
    }
    node.ignore("stash_type")
    return try grouped(node, node.tensor(0), groups: Dimension(groups), epsilon: node.float("epsilon") ?? 1e-5)
  }

  private static func lpNorm(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? -1, rank: x.rank)
    let power = try node.integer("p") ?? 2
    guard power == 1 || power == 2 else { throw OnnxError("onnx-lp", "p is 1 or 2, not \(power)") }
    let parts = power == 1 ? try node.add(Absolute(), x) : try node.add(Multiply(), x, x)
    let sum = try node.add(Sum(axes: [axis], keepAxes: true), parts)
    return try node.add(Divide(), x, power == 1 ? sum : node.add(Sqrt(), sum))
  }

  /// Nothing at inference; its mask is all true.
  private static func dropout(_ node: NodeConversion) throws -> [ImportedValue] {
    node.ignore("ratio", "seed", "is_test", "consumed_inputs")
    if node.hasInput(2), node.symbolic(2)?.numbers != [0] {
      throw OnnxError("onnx-training-mode", "it is supported as at inference only; export the model for inference")
    }
    let x = try node.input(0)
    guard node.node.output.count > 1, !node.node.output[1].isEmpty else { return [x] }
    return [x, ImportedValue(.tensor(try node.add(Full(1, .bool, node.shape(0)))))]
  }
}
