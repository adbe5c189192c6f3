import TensorIR
import TensorOps

/// What a `Loop` collects whose extents only its trips find: the elements are carried one behind the other, and behind the
/// loop they get the shape that they all have.
struct LoopElements {
  private let node: NodeConversion
  private let graph: GraphImport
  private let found: [Found]

  private struct Found {
    /// Which of the collected values.
    var index: Int
    var type: ElementType
    /// The extents, those that do not depend on the trip.
    var extents: [Dimension?]
  }

  /// - Parameter values: what a trip gives to be collected.
  init(_ node: NodeConversion, _ values: [ImportedValue], _ state: LoopState) throws {
    (self.node, graph) = (node, node.graph)
    let outside = node.graph.recorder.symbols
    let changing = state.sizes.map(\.within.name)
    found = try values.map { try $0.type() }.enumerated().compactMap { index, type in
      let extents = type.shape.map { extent in
        extent.symbols.allSatisfy { outside[$0] != nil && !changing.contains($0) } ? extent : nil
      }
      return extents.contains(nil) ? Found(index: index, type: type.elementType, extents: extents) : nil
    }
  }

  var isEmpty: Bool { found.isEmpty }
  var indices: [Int] { found.map(\.index) }

  /// How many trips there were and whether all elements have one shape, then for each its elements and its shape.
  func initial() throws -> [Tensor] {
    let start = [try node.scalar(0, .i64), try node.scalar(1, .bool)]
    return try found.reduce(into: start) { values, each in
      values += try node.add(Full(0, each.type, [0]), list: [])
      values += try node.add(Full(0, .i64, [Dimension(each.extents.count)]), list: [])
    }
  }

  /// What is carried on from a trip.
  func next(_ trip: Tensor, _ carried: ArraySlice<Tensor>, _ values: [ImportedValue]) throws -> [Tensor] {
    let state = Array(carried)
    let isFirst = try node.add(Equal(), trip, node.scalar(0, .i64))
    var isSame = state[1]
    var results: [Tensor] = []
    for (place, each) in found.enumerated() {
      let (elements, shape) = (state[2 + 2 * place], state[3 + 2 * place])
      let element = try values[each.index].tensor(in: graph.recorder)
      let own = try node.add(DimensionValues(element.shape, [element.rank]), list: [])[0]
      results += try node.add(Concat(axis: 0), list: [elements, node.reshape(element, [element.type.count])])
      results.append(own)
      let differences = try node.cast(node.add(NotEqual(), own, shape), to: .i64)
      let equals = try node.add(Equal(), node.add(Sum(axes: [0]), differences), node.scalar(0, .i64))
      isSame = try node.add(LogicalAnd(), isSame, node.add(LogicalOr(), isFirst, equals))
    }
    return [trip + (try node.scalar(1, .i64)), isSame] + results
  }

  /// The stacks, by the places that they have among what is collected.
  func stacks(_ last: ArraySlice<Tensor>) throws -> [Int: ImportedValue] {
    let state = Array(last)
    let trips = try node.size("trips", of: state[0], bound: nil)
    let same = try node.size("same", of: node.cast(state[1], to: .i64), bound: 1)
    var context = InferenceContext(symbols: node.symbols)
    try context.require(
      same, equals: 1, "a trip of the loop gives an element of another shape than the first to be stacked")
    var stacks: [Int: ImportedValue] = [:]
    for (place, each) in found.enumerated() {
      let (elements, shape) = (state[2 + 2 * place], state[3 + 2 * place])
      let extents = try each.extents.enumerated().map { axis, extent in
        if let extent { return extent }
        let own = try node.add(Slice(starts: [Dimension(axis)], sizes: [1], steps: [1]), shape)
        return try node.size("element", of: own, bound: nil)
      }
      let stack = try node.add(Reshape([trips] + extents), elements)
      graph.recorder.addGuards(context.guards)
      stacks[each.index] = ImportedValue(stack)
    }
    return stacks
  }
}
