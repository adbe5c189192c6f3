extension OnnxModel {
  /// The operands that say by number how a result is shaped, though their elements may be floats.
  private static let shapingOperands: [String: Set<Int>] = [
    "Resize": [1, 2, 3], "Upsample": [1], "Range": [0, 1, 2], "OneHot": [1], "MelWeightMatrix": [0, 1, 2, 3, 4],
  ]

  /// The inputs that are such operands and nothing else, like the scales of `Resize`: no model computes with them.
  public var shapingInputs: Set<String> {
    var (shaping, others) = (Set<String>(), Set(graph.output.map(\.name)))
    for node in graph.node {
      let places = OnnxModel.canonicalDomain(node.domain).isEmpty ? OnnxModel.shapingOperands[node.opType] ?? [] : []
      for (place, name) in node.input.enumerated() {
        if places.contains(place) { shaping.insert(name) } else { others.insert(name) }
      }
      for inner in LiveNodes.graphs(of: node) { others.formUnion(LiveNodes.captured(by: inner)) }
    }
    return shaping.subtracting(others)
  }
}
