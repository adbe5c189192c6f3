/// Gathers the operators that have no converter, so that all of them are reported at once.
struct UnsupportedOperators {
  private static let namesShown = 3
  private var nodes: [(operation: String, places: [OnnxError.Node])] = []
  /// What nodes are known by: those in a loop or a function are met more than once.
  private var seen: Set<[String]> = []

  mutating func add(_ node: Onnx_NodeProto) {
    guard seen.insert([node.name, node.opType] + node.output).inserted else { return }
    let place = OnnxError.Node(node)
    if let index = nodes.firstIndex(where: { $0.operation == place.operation }) {
      nodes[index].places.append(place)
    } else {
      nodes.append((place.operation, [place]))
    }
  }

  /// An error for each operator, at the first of its nodes.
  var errors: [OnnxError] {
    nodes.map { operation, places in
      let names = places.prefix(UnsupportedOperators.namesShown).map { "'\($0.name)'" }.joined(separator: ", ")
      let rest = places.count > UnsupportedOperators.namesShown ? ", …" : ""
      return OnnxError(
        id: "onnx-unsupported-operator",
        message: "operator '\(operation)' is not supported; \(places.count) "
          + "\(places.count == 1 ? "node uses" : "nodes use") it: \(names)\(rest)",
        node: places[0])
    }
  }
}
