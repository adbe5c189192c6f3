import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that take quantised tensors and give quantised ones: what the numbers stand for is computed and quantised
  /// again.
  static let quantisedArithmetic: [String: Converter] = [
    "QLinearAdd": one { node in try requantised(node, real(node, 0) + real(node, 3), 6) },
    "QLinearMul": one { node in try requantised(node, real(node, 0) * real(node, 3), 6) },
    "QLinearSigmoid": one { node in try requantised(node, real(node, 0).sigmoid(), 3) },
    "QLinearLeakyRelu": one { node in
      try requantised(node, real(node, 0).leakyRelu(alpha: node.float("alpha") ?? 0.01), 3)
    },
    "QLinearSoftmax": one(quantisedSoftmax),
    "QLinearConcat": one { node in
      let parts = try stride(from: 2, to: node.inputs.count, by: 3).map { try real(node, $0) }
      guard let rank = parts.first?.rank else { throw OnnxError("onnx-missing-input", "it has nothing to join") }
      guard let axis = try node.integer("axis") else { throw OnnxError("onnx-missing-attribute", "'axis' is missing") }
      return try requantised(node, Tensor.concat(parts, axis: node.axis(axis, rank: rank)), 0)
    },
    "QLinearWhere": one { node in
      try requantised(node, Tensor.select(node.tensor(0), real(node, 1), real(node, 4)), 7)
    },
    "QLinearReduceMean": one { node in
      let x = try real(node, 0)
      let axes = try node.axes(node.integers("axes") ?? Array(0..<x.rank), rank: x.rank)
      return try requantised(node, x.mean(axes: axes, keepAxes: node.flag("keepdims", default: true)), 3)
    },
    "QLinearAveragePool": one { node in
      let isLast = try node.flag("channels_last")
      let x = try channelsFirst(node, real(node, 0), isLast)
      return try requantised(node, channelsLast(node, averagePool(node, x), isLast), 3)
    },
    "QLinearGlobalAveragePool": one { node in
      let isLast = try node.flag("channels_last")
      let x = try channelsFirst(node, real(node, 0), isLast)
      guard x.rank >= 3 else { throw OnnxError("onnx-rank", "it takes rank 3 or more, not \(x.rank)") }
      let mean = x.mean(axes: Array(2..<x.rank), keepAxes: true)
      return try requantised(node, channelsLast(node, mean, isLast), 3)
    },
  ]

  /// The numbers that a quantised input stands for; its scale and its zero point, which may be left out, follow it.
  static func real(_ node: NodeConversion, _ index: Int) throws -> Tensor {
    let x = try node.tensor(index)
    let scale = try scalar(node, index + 1)
    let zero = node.hasInput(index + 2) ? try scalar(node, index + 2) : nil
    return dequantised(x, zero: zero, scale: scale)
  }

  /// A result quantised with the scale and the zero point from an input on.
  static func requantised(_ node: NodeConversion, _ x: Tensor, _ index: Int) throws -> Tensor {
    let zero =
      try node.hasInput(index + 1) ? scalar(node, index + 1) : node.add(Full(0, node.type(0).elementType, []))
    return try quantised(node, x, scale: scalar(node, index), zero: zero)
  }

  /// One number, of whatever rank.
  static func scalar(_ node: NodeConversion, _ index: Int) throws -> Tensor {
    try node.reshape(node.tensor(index), [])
  }

  private static func quantisedSoftmax(_ node: NodeConversion) throws -> Tensor {
    let x = try real(node, 0)
    let version = try node.integer("opset") ?? 13
    let axis = try node.axis(node.integer("axis") ?? (version < 13 ? 1 : -1), rank: x.rank)
    if version >= 13 || axis == x.rank - 1 { return try requantised(node, x.softmax(axis: axis), 3) }
    let rows = try node.reshape(x, [x.shape.prefix(axis).reduce(1, *), x.shape.suffix(from: axis).reduce(1, *)])
    return try requantised(node, node.reshape(rows.softmax(axis: 1), x.shape), 3)
  }

  /// [n, …, c] as [n, c, …], if it is so.
  static func channelsFirst(_ node: NodeConversion, _ x: Tensor, _ isLast: Bool) throws -> Tensor {
    isLast && x.rank > 2 ? try node.transpose(x, [0, x.rank - 1] + Array(1..<x.rank - 1)) : x
  }

  static func channelsLast(_ node: NodeConversion, _ x: Tensor, _ isLast: Bool) throws -> Tensor {
    isLast && x.rank > 2 ? try node.transpose(x, [0] + Array(2..<x.rank) + [1]) : x
  }
}
