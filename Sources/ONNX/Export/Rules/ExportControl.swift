import TensorIR
import TensorOps

extension ExportTable {
  /// Branches, loops and sizes that are found.
  static let control: [ExportRule] = [
    .nodes(Size.self) { op, node in
      guard let symbol = op.symbol.symbolName, let id = node.operation.operands[0] else { return }
      let name = try node.graph.name(of: id)
      node.graph.setSource(symbol, .scalar(name))
      node.graph.set(node.operation.results[0], to: name)
    },
    .nodes(If.self) { _, node in
      let regions = node.operation.regions
      let others = Array(try node.inputs.dropFirst())
      try node.result(
        "If", [node.input(0)],
        [
          "then_branch": .graph(try node.graph.graph(of: regions[0], named: "then", others: others)),
          "else_branch": .graph(try node.graph.graph(of: regions[1], named: "else", others: others)),
        ])
    },
    .nodes(Loop.self) { op, node in try loop(op, node) },
  ]

  private static func loop(_ op: Loop, _ node: ExportNode) throws {
    let inputs = try node.inputs
    let trips = try op.trips.map { try node.size($0) } ?? inputs[0]
    let goesOn = op.exits ? inputs[1] : try node.scalar(1, .bool)
    let state = Array(inputs.dropFirst(1 + op.extra).prefix(op.carried))
    let body = try node.graph.graph(
      of: node.operation.regions[0], named: "body", inputs: 1 + op.carried,
      others: Array(inputs.dropFirst(1 + op.extra + op.carried)), sizes: op.regionSizes,
      addingInputs: [(1, TensorType(.bool, []))],
      // Without an exit the loop goes on for as long as there are trips.
      addingResults: { op.exits ? [] : [$0[1]] })
    try node.result("Loop", [trips, goesOn] + state, ["body": .graph(body)])
  }
}
