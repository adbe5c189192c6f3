import TensorIR
import TensorOps

/// An operation while its nodes are written.
struct ExportNode {
  let operation: Operation
  let graph: GraphWriter

  init(_ operation: Operation, in graph: GraphWriter) { (self.operation, self.graph) = (operation, graph) }

  /// The names of the operands; empty for one that is left out.
  var inputs: [String] {
    get throws { try operation.operands.map { try $0.map { try graph.name(of: $0) } ?? "" } }
  }

  func input(_ place: Int) throws -> String {
    guard place < operation.operands.count, let id = operation.operands[place] else { return "" }
    return try graph.name(of: id)
  }

  func type(_ place: Int) -> TensorType {
    operation.operands[place].map { graph.type(of: $0) } ?? FunctionBuilder.absent
  }

  func resultType(_ place: Int = 0) -> TensorType { graph.type(of: operation.results[place]) }

  // MARK: Nodes

  /// Adds the node that gives all results.
  func result(_ kind: String, _ inputs: [String], _ attributes: [String: NodeAttribute] = [:]) throws {
    put(kind, inputs, operation.results.map { graph.resultName($0) }, attributes)
  }

  /// Adds the node that gives one of several results, and names the others of the node, which nobody reads, so that they may
  /// be left out.
  func result(
    _ place: Int, at output: Int, _ kind: String, _ inputs: [String], _ attributes: [String: NodeAttribute] = [:]
  ) throws {
    let unread = (0..<output).map { _ in graph.names.fresh("unread") }
    put(kind, inputs, unread + [graph.resultName(operation.results[place])], attributes)
  }

  /// Adds the node that gives the first results; those of the node behind them nobody reads.
  func result(
    _ place: Int, of count: Int, _ kind: String, _ inputs: [String], _ attributes: [String: NodeAttribute] = [:]
  ) throws {
    let unread = (1..<count).map { _ in graph.names.fresh("unread") }
    put(kind, inputs, [graph.resultName(operation.results[place])] + unread, attributes)
  }

  /// Adds a node for each result.
  func results(_ nodes: [(kind: String, inputs: [String], attributes: [String: NodeAttribute])]) throws {
    for (id, node) in zip(operation.results, nodes) {
      put(node.kind, node.inputs, [graph.resultName(id)], node.attributes)
    }
  }

  /// Adds a node in between; gives the name of its result.
  func put(_ kind: String, _ inputs: [String], _ attributes: [String: NodeAttribute] = [:]) throws -> String {
    try graph.put(kind, inputs, attributes)
  }

  private func put(_ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: NodeAttribute]) {
    var node = NodeText.node(kind, inputs, outputs, attributes, name: graph.names.fresh(name(kind)))
    if case .source = operation.location { node.docString = "\(operation.location)" }
    graph.append(node)
  }

  /// What the node is called: as in the model that the operation comes from.
  private func name(_ kind: String) -> String {
    if case .node(let name, _) = operation.location, !name.isEmpty { return name }
    return kind
  }

  // MARK: Known tensors

  /// Integers as an i64 tensor of one axis.
  func integers(_ numbers: [Int]) throws -> String {
    guard let literal = TensorLiteral.integers(numbers) else {
      throw Diagnostic("internal", "no literal of \(numbers)")
    }
    return try graph.names.initializer(literal, name: "numbers")
  }

  /// A number as a scalar of an element type.
  func scalar(_ number: Double, _ type: ElementType) throws -> String {
    let value = try Full(number, type, []).evaluate([], [TensorType(type, [])])[0]
    return try graph.names.initializer(value.literal, name: "number")
  }

  /// Dimensions as an i64 tensor of one axis, worked out while the model runs if need be.
  func sizes(_ dimensions: [Dimension]) throws -> String {
    let numbers = dimensions.compactMap(\.constant)
    if numbers.count == dimensions.count { return try integers(numbers) }
    if let operand = operation.operands.compactMap({ $0 }).first(where: { graph.type(of: $0).shape == dimensions }) {
      return try put("Shape", [try graph.name(of: operand)])
    }
    let parts = try dimensions.map { try graph.size($0) }
    return parts.count == 1 ? parts[0] : try put("Concat", parts, ["axis": .int(0)])
  }

  /// A dimension as an i64 scalar.
  func size(_ dimension: Dimension) throws -> String {
    if let number = dimension.constant { return try scalar(Double(number), .i64) }
    return try put("Reshape", [try graph.size(dimension), try integers([])])
  }
}
