/// Which values of a graph its outputs depend on; exporters leave nodes whose results nothing reads.
enum LiveNodes {
  /// The names of all values that are needed, outputs and captured ones included.
  static func names(in graph: Onnx_GraphProto) -> Set<String> {
    var needed = Set(graph.output.map(\.name))
    for node in graph.node.reversed() where node.output.contains(where: needed.contains) {
      needed.formUnion(node.input)
      for inner in graphs(of: node) { needed.formUnion(captured(by: inner)) }
    }
    return needed
  }

  /// The graphs in a node's attributes.
  static func graphs(of node: Onnx_NodeProto) -> [Onnx_GraphProto] {
    node.attribute.flatMap { ($0.hasG ? [$0.g] : []) + $0.graphs }
  }

  /// Every name that is read inside; those that are its own do no harm.
  static func captured(by graph: Onnx_GraphProto) -> Set<String> {
    var names = Set(graph.output.map(\.name))
    for node in graph.node {
      names.formUnion(node.input)
      for inner in graphs(of: node) { names.formUnion(captured(by: inner)) }
    }
    return names
  }
}
