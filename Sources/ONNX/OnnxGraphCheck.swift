/// Checks that every name in a graph has one definition, standing before its uses, and that nodes name an operator.
///
/// What it guarantees, later stages rely on: nodes are in an order in which they can be evaluated; a name means one
/// value within a graph; a subgraph sees its own names and those defined before the node that holds it.
struct OnnxGraphCheck {
  /// The names defined so far in each of the graphs around the current place, outermost first.
  private var scopes: [Set<String>] = []
  private var errors: [OnnxError] = []
  /// Names that nothing defines and that were told of.
  private var missing: Set<String> = []

  /// - Throws: `OnnxError`, with the node where there is one, or `OnnxErrors` where there are several.
  static func check(_ graph: Onnx_GraphProto) throws {
    var check = OnnxGraphCheck()
    do { try check.visit(graph) } catch let error as OnnxError { check.errors.append(error) }
    var outputs: Set<String> = []
    for output in graph.output where !outputs.insert(output.name).inserted {
      check.errors.append(
        OnnxError(
          id: "onnx-output-twice",
          message:
            "'\(output.name)' stands twice among the graph's outputs; leave it out once, or give it a second name "
            + "with Identity"))
    }
    check.errors = check.errors.enumerated().filter { !check.errors[..<$0].contains($1) }.map(\.element)
    if check.errors.count > 1 { throw OnnxErrors(check.errors) }
    if let error = check.errors.first { throw error }
  }

  private mutating func visit(_ graph: Onnx_GraphProto) throws {
    // An initialiser may give an input its default, so the two share a name.
    let inputs = try OnnxGraphCheck.distinct(graph.input.map(\.name), "input")
    let initialisers = graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name)
    scopes.append(inputs.union(try OnnxGraphCheck.distinct(initialisers, "initializer")))
    for node in graph.node { try visit(node) }
    for output in graph.output where !isDefined(output.name) && missing.insert(output.name).inserted {
      errors.append(OnnxError(id: "onnx-undefined", message: "graph output '\(output.name)' is computed by no node"))
    }
    scopes.removeLast()
  }

  private mutating func visit(_ node: Onnx_NodeProto) throws {
    let place = OnnxError.Node(node)
    if node.opType.isEmpty {
      errors.append(OnnxError(id: "onnx-no-operator", message: "the node names no operator", node: place))
    }
    // An empty name stands for an optional operand that is left out.
    for input in node.input where !input.isEmpty && !isDefined(input) && missing.insert(input).inserted {
      errors.append(
        OnnxError(id: "onnx-undefined", message: "its input '\(input)' is defined by nothing before it", node: place))
    }
    for attribute in node.attribute {
      for graph in (attribute.hasG ? [attribute.g] : []) + attribute.graphs { try visit(graph) }
    }
    for output in node.output where !output.isEmpty {
      if !scopes[scopes.count - 1].insert(output).inserted {
        errors.append(
          OnnxError(id: "onnx-defined-twice", message: "its output '\(output)' is defined already", node: place))
      }
    }
  }

  private func isDefined(_ name: String) -> Bool { scopes.contains { $0.contains(name) } }

  private static func distinct(_ names: [String], _ kind: String) throws -> Set<String> {
    var seen: Set<String> = []
    for name in names {
      guard !name.isEmpty else { throw OnnxError(id: "onnx-unnamed", message: "an \(kind) of a graph has no name") }
      guard seen.insert(name).inserted else {
        throw OnnxError(id: "onnx-defined-twice", message: "there are two \(kind)s called '\(name)'")
      }
    }
    return seen
  }
}
