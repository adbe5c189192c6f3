import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators that pick elements by index.
  static let indexing: [String: Converter] = [
    "Gather": one { node in
      let x = try node.tensor(0)
      let axis = try node.axis(node.integer("axis") ?? 0, rank: x.rank)
      return try node.add(Gather(axis: axis), x, node.tensor(1))
    },
    "ArgMax": one { node in
      let (axis, keep, last) = try argument(node)
      return try node.add(ArgMax(axis: axis, keepAxes: keep, selectLast: last), node.tensor(0))
    },
    "ArgMin": one { node in
      let (axis, keep, last) = try argument(node)
      return try node.add(ArgMin(axis: axis, keepAxes: keep, selectLast: last), node.tensor(0))
    },
  ]

  private static func argument(_ node: NodeConversion) throws -> (axis: Int, keep: Bool, last: Bool) {
    (
      try node.axis(node.integer("axis") ?? 0, rank: node.rank(0)), try node.flag("keepdims", default: true),
      try node.flag("select_last_index")
    )
  }
}
