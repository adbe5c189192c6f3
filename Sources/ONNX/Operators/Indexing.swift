import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that pick and put elements by index, and those that order them.
  static let indexing: [String: Converter] = [
    "Gather": one { node in
      let x = try node.tensor(0)
      let axis = try node.axis(node.integer("axis") ?? 0, rank: x.rank)
      return try node.add(Gather(axis: axis), x, node.tensor(1))
    },
    "GatherElements": one { node in
      let x = try node.tensor(0)
      let axis = try node.axis(node.integer("axis") ?? 0, rank: x.rank)
      return try node.add(GatherElements(axis: axis), x, node.tensor(1))
    },
    "GatherND": one { node in
      let op = GatherND(batchDimensions: try node.integer("batch_dims") ?? 0)
      return try node.add(op, node.tensor(0), node.tensor(1))
    },
    "ScatterElements": one(scatterElements),
    "Scatter": one(scatterElements),
    "ScatterND": one { node in
      try node.add(ScatterND(reduction: reduction(node)), node.tensor(0), node.tensor(1), node.tensor(2))
    },
    "ArgMax": one { node in
      let (axis, keep, last) = try argument(node)
      return try node.add(ArgMax(axis: axis, keepAxes: keep, selectLast: last), node.tensor(0))
    },
    "ArgMin": one { node in
      let (axis, keep, last) = try argument(node)
      return try node.add(ArgMin(axis: axis, keepAxes: keep, selectLast: last), node.tensor(0))
    },
    "TopK": topK,
    "CumSum": one { node in
      let x = try node.tensor(0)
      guard let axis = try node.integers(1).first else { throw OnnxError("onnx-axis", "its axis is empty") }
      let op = CumulativeSum(
        axis: try node.axis(axis, rank: x.rank), exclusive: try node.flag("exclusive"),
        reverse: try node.flag("reverse"))
      return try node.add(op, x)
    },
    "ReverseSequence": one(reverseSequence),
  ]

  private static func argument(_ node: NodeConversion) throws -> (axis: Int, keep: Bool, last: Bool) {
    (
      try node.axis(node.integer("axis") ?? 0, rank: node.rank(0)), try node.flag("keepdims", default: true),
      try node.flag("select_last_index")
    )
  }

  private static func scatterElements(_ node: NodeConversion) throws -> Tensor {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? 0, rank: x.rank)
    let op = ScatterElements(axis: axis, reduction: try reduction(node))
    return try node.add(op, x, node.tensor(1), node.tensor(2))
  }

  private static func reduction(_ node: NodeConversion) throws -> ScatterReduction {
    switch try node.string("reduction") ?? "none" {
    case "none": return .replace
    case "add": return .add
    case "mul": return .multiply
    case "max": return .maximum
    case "min": return .minimum
    case let other: throw OnnxError("onnx-unsupported-attribute", "its reduction '\(other)' is unknown")
    }
  }

  /// The number of elements was an attribute before opset 10.
  private static func topK(_ node: NodeConversion) throws -> [ImportedValue] {
    let x = try node.tensor(0)
    let axis = try node.axis(node.integer("axis") ?? -1, rank: x.rank)
    // Those that are not asked to be in order may be.
    node.ignore("sorted")
    let given = try node.integer("k")
    guard let count = try given.map({ Dimension($0) }) ?? node.extents(1).first else {
      throw OnnxError("onnx-missing-input", "it is not told how many elements to take")
    }
    let op = TopK(count, axis: axis, largest: try node.flag("largest", default: true))
    return try node.add(op, list: [x]).map { ImportedValue(.tensor($0)) }
  }

  /// Each batch element's first steps in the opposite order: step t < length comes from length - 1 - t.
  private static func reverseSequence(_ node: NodeConversion) throws -> Tensor {
    let (x, lengths) = (try node.tensor(0), try node.tensor(1))
    let batch = try node.axis(node.integer("batch_axis") ?? 1, rank: x.rank)
    let time = try node.axis(node.integer("time_axis") ?? 0, rank: x.rank)
    guard lengths.rank == 1, batch != time else {
      throw OnnxError("onnx-rank", "it takes a vector of lengths, and a batch axis that is not the time axis")
    }
    var alone = [Dimension](repeating: 1, count: x.rank)
    alone[batch] = lengths.shape[0]
    let length = try node.reshape(try node.cast(lengths, to: .i64), alone)
    let step = try node.add(Iota(.i64, x.shape, axis: time))
    let isInside = try node.add(Less(), step, try node.broadcast(length, with: x.shape))
    let one = try node.scalar(1, .i64)
    let mirrored = try node.add(Subtract(), node.add(Subtract(), length, one), step)
    return try node.add(GatherElements(axis: time), x, node.add(Select(), isInside, mirrored, step))
  }
}
