extension RewriteGraph {
  /// Whether a node finds a size that another one names: in a type, an attribute or a guard.
  func definesUsedSize(_ node: NodeID) -> Bool {
    let sizes = Set(nodes[node].operation.op.definedSizes)
    if sizes.isEmpty { return false }
    let own = descendants(of: node)
    return nodes.indices.contains { nodes[$0].isAlive && !own.contains($0) && uses(sizes, at: $0) }
  }

  /// The node itself and what stands in its regions.
  private func descendants(of node: NodeID) -> Set<NodeID> {
    var found: Set<NodeID> = [node]
    for block in nodes[node].inner {
      var current = blocks[block].first
      while let inner = current {
        found.formUnion(descendants(of: inner))
        current = nodes[inner].next
      }
    }
    return found
  }

  private func uses(_ sizes: Set<String>, at node: NodeID) -> Bool {
    let operation = nodes[node].operation
    func isUsed(_ dimensions: [Dimension]) -> Bool {
      dimensions.contains { dimension in
        dimension.constant == nil && dimension.symbols.contains(where: sizes.contains)
      }
    }
    if operation.results.contains(where: { isUsed(type(of: $0).shape) }) { return true }
    if operation.guards.contains(where: { isUsed([$0.condition.left, $0.condition.right]) }) { return true }
    for block in nodes[node].inner where blocks[block].parameters.contains(where: { isUsed(type(of: $0).shape) }) {
      return true
    }
    let fields = (try? AttributeEncoder().fields(of: operation.op)) ?? []
    return isUsed(fields.flatMap(\.value.types).flatMap(\.shape))
  }
}

extension Operation {
  /// The symbols that it needs to know: those in the types of its results, in its attributes and in its guards, and in all
  /// that stands in its regions; not those that it finds itself.
  public func neededSizes(in function: Function) -> Set<String> {
    var dimensions = results.flatMap { function.type(of: $0).shape }
    dimensions += guards.flatMap { [$0.condition.left, $0.condition.right] }
    let fields = (try? AttributeEncoder().fields(of: op)) ?? []
    dimensions += fields.flatMap(\.value.types).flatMap(\.shape)
    var names = Set(dimensions.flatMap(\.symbols))
    for region in regions {
      names.formUnion(region.parameters.flatMap { function.type(of: $0).shape.flatMap(\.symbols) })
      for inner in region.operations { names.formUnion(inner.neededSizes(in: function)) }
      names.subtract(region.operations.flatMap(\.op.definedSizes))
    }
    return names.subtracting(op.definedSizes).subtracting(op.regionSizes)
  }
}
