/// Checks that every name in a graph has one definition, standing before its uses, and that nodes name an operator.
///
/// What it guarantees, later stages rely on: nodes are in an order in which they can be evaluated; a name means one
/// value; a subgraph sees its own names and those defined before the node that holds it.
enum OnnxGraphCheck {
  /// - Parameter outerNames: what the surrounding graphs have defined so far.
  /// - Throws: `OnnxError`, with the node where there is one.
  static func check(_ graph: Onnx_GraphProto, outerNames: Set<String>) throws {
    var names = outerNames
    var own: Set<String> = []
    // An initialiser may give an input its default, so the two share a name.
    for input in graph.input { try define(input.name, "input", &own) }
    let inputs = own
    let initialisers = graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name)
    var initialised: Set<String> = []
    for name in initialisers { try define(name, "initializer", &initialised) }
    own = inputs.union(initialised)
    names.formUnion(own)
    for node in graph.node { try check(node, names: &names, own: &own) }
    for output in graph.output where !names.contains(output.name) {
      throw OnnxError(id: "onnx-undefined", message: "graph output '\(output.name)' is computed by no node")
    }
  }

  private static func check(_ node: Onnx_NodeProto, names: inout Set<String>, own: inout Set<String>) throws {
    let place = OnnxError.Node(node)
    guard !node.opType.isEmpty else {
      throw OnnxError(id: "onnx-no-operator", message: "the node names no operator", node: place)
    }
    // An empty name stands for an optional operand that is left out.
    for input in node.input where !input.isEmpty && !names.contains(input) {
      throw OnnxError(
        id: "onnx-undefined", message: "its input '\(input)' is defined by nothing before it", node: place)
    }
    for attribute in node.attribute {
      let graphs = (attribute.hasG ? [attribute.g] : []) + attribute.graphs
      for graph in graphs { try check(graph, outerNames: names) }
    }
    for output in node.output where !output.isEmpty {
      guard own.insert(output).inserted else {
        throw OnnxError(id: "onnx-defined-twice", message: "its output '\(output)' is defined already", node: place)
      }
      names.insert(output)
    }
  }

  private static func define(_ name: String, _ kind: String, _ names: inout Set<String>) throws {
    guard !name.isEmpty else { throw OnnxError(id: "onnx-unnamed", message: "an \(kind) of a graph has no name") }
    guard names.insert(name).inserted else {
      throw OnnxError(id: "onnx-defined-twice", message: "there are two \(kind)s called '\(name)'")
    }
  }
}
