/// Puts nodes into an order in which each stands after those whose results it reads. The format demands such an order; some
/// writers do not keep to it, and other readers put up with that.
enum OnnxNodeOrder {
  /// The nodes in order, those of their graphs too, and the first that stood before one it reads; nil where all are in
  /// order. Nodes keep their order as far as it goes.
  /// - Parameter given: names that are there before any node; a node that defines one of them again is another mistake.
  /// - Throws: `OnnxError` where nodes read each other in a circle, naming them.
  static func sorted(
    _ nodes: [Onnx_NodeProto], given: Set<String> = []
  ) throws -> (nodes: [Onnx_NodeProto], moved: OnnxError.Node)? {
    var (result, moved) = try sortedInside(nodes)
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.output where !output.isEmpty && !given.contains(output) && producers[output] == nil {
        producers[output] = index
      }
    }
    let needed = nodes.map { node in reads(node).compactMap { producers[$0] } }
    if let first = nodes.indices.first(where: { index in needed[index].contains { $0 >= index } }) {
      result = try order(nodes, needed).map { result[$0] }
      moved = moved ?? OnnxError.Node(nodes[first])
    }
    return moved.map { (result, $0) }
  }

  /// The nodes of a graph in order; see ``sorted(_:given:)``.
  static func sorted(_ graph: Onnx_GraphProto) throws -> (nodes: [Onnx_NodeProto], moved: OnnxError.Node)? {
    try sorted(graph.node, given: Set(graph.input.map(\.name) + graph.initializer.map(\.name)))
  }

  /// The nodes, each with the graphs in its attributes in order.
  private static func sortedInside(
    _ nodes: [Onnx_NodeProto]
  ) throws -> (nodes: [Onnx_NodeProto], moved: OnnxError.Node?) {
    var result = nodes
    var moved: OnnxError.Node?
    for (index, node) in nodes.enumerated() {
      for (place, attribute) in node.attribute.enumerated() {
        if attribute.hasG, let inner = try sorted(attribute.g) {
          result[index].attribute[place].g.node = inner.nodes
          moved = moved ?? inner.moved
        }
        for (number, graph) in attribute.graphs.enumerated() {
          guard let inner = try sorted(graph) else { continue }
          result[index].attribute[place].graphs[number].node = inner.nodes
          moved = moved ?? inner.moved
        }
      }
    }
    return (result, moved)
  }

  /// The places of the nodes in an order that works. No recursion: a chain may be as long as the file.
  private static func order(_ nodes: [Onnx_NodeProto], _ needed: [[Int]]) throws -> [Int] {
    var order: [Int] = []
    var isPlaced = [Bool](repeating: false, count: nodes.count)
    var isOpen = isPlaced
    for root in nodes.indices where !isPlaced[root] {
      var path = [(node: root, next: 0)]
      isOpen[root] = true
      while let last = path.last {
        if last.next == needed[last.node].count {
          path.removeLast()
          isOpen[last.node] = false
          isPlaced[last.node] = true
          order.append(last.node)
          continue
        }
        path[path.count - 1].next += 1
        let other = needed[last.node][last.next]
        if isOpen[other] {
          let circle = path.map(\.node).drop { $0 != other }
          throw OnnxNodeOrder.circle(circle.map { OnnxError.Node(nodes[$0]) })
        }
        if !isPlaced[other] {
          path.append((other, 0))
          isOpen[other] = true
        }
      }
    }
    return order
  }

  private static func circle(_ nodes: [OnnxError.Node]) -> OnnxError {
    let shown = 8
    let names = nodes.prefix(shown).map { "'\($0.name)'" }.joined(separator: ", ")
    let message =
      nodes.count == 1
      ? "it reads its own result"
      : "\(nodes.count) nodes read each other's results in a circle: \(names)\(nodes.count > shown ? ", …" : "")"
    return OnnxError(id: "onnx-cycle", message: message, node: nodes.first)
  }

  /// The names that a node reads, those that its graphs take from outside included.
  private static func reads(_ node: Onnx_NodeProto) -> [String] {
    let graphs = node.attribute.flatMap { ($0.hasG ? [$0.g] : []) + $0.graphs }
    return node.input.filter { !$0.isEmpty } + graphs.flatMap { Array(captured(by: $0)).sorted() }
  }

  private static func captured(by graph: Onnx_GraphProto) -> Set<String> {
    var names = Set(graph.output.map(\.name))
    for node in graph.node { names.formUnion(reads(node)) }
    names.subtract(graph.input.map(\.name))
    names.subtract(graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name))
    for node in graph.node { names.subtract(node.output) }
    return names
  }
}
