import TensorIR
import TensorOps

extension ExportTable {
  /// Combinations of elements along axes.
  static let reductions: [ExportRule] = [
    reduction(Sum.self, "ReduceSum"), reduction(Product.self, "ReduceProd"), reduction(Max.self, "ReduceMax"),
    reduction(Min.self, "ReduceMin"),
    .nodes(Mean.self) { op, node in try reduce("ReduceMean", op.axes, op.keepAxes, node) },
    .other(AllTrue.self) { op, x in
      let count = (.!x[0]).cast(to: .i64).sum(axes: op.axes, keepAxes: op.keepAxes)
      return count .== count.like(0)
    },
    .other(AnyTrue.self) { op, x in
      let count = x[0].cast(to: .i64).sum(axes: op.axes, keepAxes: op.keepAxes)
      return count .> count.like(0)
    },
    .nodes(ArgMax.self) { op, node in try arg("ArgMax", op.axis, op.keepAxes, op.selectLast, node) },
    .nodes(ArgMin.self) { op, node in try arg("ArgMin", op.axis, op.keepAxes, op.selectLast, node) },
  ]

  private static func reduction<Own: ReductionOp>(_ type: Own.Type, _ kind: String) -> ExportRule {
    .nodes(type) { op, node in try reduce(kind, op.axes, op.keepAxes, node) }
  }

  private static func reduce(_ kind: String, _ axes: [Int], _ keepAxes: Bool, _ node: ExportNode) throws {
    // No axes would mean all of them.
    if axes.isEmpty { return try node.result("Identity", node.inputs) }
    try node.result(kind, [node.input(0), node.integers(axes)], ["keepdims": .int(keepAxes ? 1 : 0)])
  }

  private static func arg(_ kind: String, _ axis: Int, _ keepAxes: Bool, _ last: Bool, _ node: ExportNode) throws {
    try node.result(
      kind, node.inputs,
      ["axis": .int(axis), "keepdims": .int(keepAxes ? 1 : 0), "select_last_index": .int(last ? 1 : 0)])
  }

  // MARK: Normalisation

  static let normalisation: [ExportRule] = [
    .nodes(Softmax.self) { op, node in try node.result("Softmax", node.inputs, ["axis": .int(op.axis)]) },
    .nodes(LogSoftmax.self) { op, node in try node.result("LogSoftmax", node.inputs, ["axis": .int(op.axis)]) },
    .nodes(BatchNorm.self, when: { holds($0.epsilon, $1[0]) }) { op, node in
      try node.result("BatchNormalization", node.inputs, ["epsilon": .float(op.epsilon)])
    },
    .nodes(LayerNorm.self, when: { holds($0.epsilon, $1[0]) && $1[1] != nil }) { op, node in
      try node.result("LayerNormalization", node.inputs, ["axis": .int(op.axis), "epsilon": .float(op.epsilon)])
    },
  ]
}
