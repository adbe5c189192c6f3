import TensorIR
import TensorOps

extension OnnxOperators {
  /// Activations with what is before them.
  static let fusedActivations: [String: Converter] = [
    "Gelu": plain(Gelu(approximate: false)),
    "BiasGelu": one { node in (try node.tensor(0) + node.tensor(1)).gelu() },
    "FastGelu": one { node in
      let x = try node.tensor(0)
      return try node.add(Gelu(approximate: true), node.hasInput(1) ? x + node.tensor(1) : x)
    },
    "QuickGelu": one { node in
      let x = try node.tensor(0)
      return x * (x * x.like(try node.float("alpha") ?? 1.702)).sigmoid()
    },
    "BiasSplitGelu": one { node in
      let x = try node.tensor(0) + node.tensor(1)
      let half = node.symbols.quotient(x.shape[x.rank - 1], 2)
      return x.sliced(axis: -1, start: 0, size: half) * x.sliced(axis: -1, start: half, size: half).gelu()
    },
    "BiasAdd": one { node in try node.tensor(0) + node.tensor(1) + node.tensor(2) },
    "BiasSoftmax": one(biasSoftmax),
    "BiasDropout": { node in
      node.ignore("seed")
      guard !node.hasInput(4) || node.symbolic(4)?.numbers == [0] || node.number(3) == 0 else {
        throw OnnxError("onnx-unsupported-attribute", "its training_mode is not supported")
      }
      var x = try node.tensor(0) + node.tensor(1)
      if node.hasInput(2) { x = x + (try node.tensor(2)) }
      return [ImportedValue(x)]
    },
  ]

  /// The softmax over the axes from `axis` on of a sum whose bias stands for several rows.
  private static func biasSoftmax(_ node: NodeConversion) throws -> Tensor {
    let (x, bias) = (try node.tensor(0), try node.tensor(1))
    let axis = try node.axis(node.integer("axis") ?? 1, rank: x.rank)
    // Whether a bias serves rows that follow each other or those that are a batch apart: broadcasting tells.
    let isInner = try node.flag("is_inner_broadcast", default: true)
    guard bias.rank == x.rank, isInner || zip(bias.shape, x.shape).allSatisfy({ $0 == 1 || $0 == $1 }) else {
      throw OnnxError("onnx-rank", "its bias of rank \(bias.rank) does not broadcast to rank \(x.rank)")
    }
    let sum = x + bias
    if axis == x.rank - 1 { return sum.softmax() }
    let rows = try node.reshape(sum, [x.shape.prefix(axis).reduce(1, *), x.shape.suffix(from: axis).reduce(1, *)])
    return try node.reshape(rows.softmax(axis: 1), x.shape)
  }
}
