/// Which axes a reduction combines, as the operator's version gives them.
struct ReductionAxes {
  /// From 0, sorted.
  let axes: [Int]
  let keepAxes: Bool

  /// Since when the axes are an input and no longer an attribute.
  private static let firstOpsetWithInput = ["ReduceSum": 13]
  private static let otherwise = 18

  /// - Throws: where the axes are computed.
  init(_ node: NodeConversion, rank: Int) throws {
    let isInput = node.opset >= ReductionAxes.firstOpsetWithInput[node.node.opType] ?? ReductionAxes.otherwise
    let given = isInput ? try ReductionAxes.given(node) : try node.integers("axes")
    keepAxes = try node.flag("keepdims", default: true)
    let nothing = try node.flag("noop_with_empty_axes")
    if let given, !given.isEmpty {
      axes = try node.axes(given, rank: rank).sorted()
    } else {
      axes = nothing ? [] : Array(0..<rank)
    }
  }

  /// The axes that an input holds; none where it has no elements, computed or not.
  private static func given(_ node: NodeConversion) throws -> [Int]? {
    guard node.hasInput(1) else { return nil }
    return try node.shape(1) == [0] ? [] : node.integers(1)
  }

  /// The axes, or nil where they are computed.
  static func known(_ node: NodeConversion, rank: Int) throws -> ReductionAxes? {
    if node.hasInput(1), node.symbolic(1)?.numbers == nil { return nil }
    return try ReductionAxes(node, rank: rank)
  }
}
