import TensorIR
import TensorOps

/// Merges operations that compute the same: equal op, operands and types. Operations with regions stay apart.
enum MergeCommon {
  private struct Key: Hashable {
    var op: AnyHashable
    var operands: [ValueID?]
    var types: [TensorType]
  }

  /// Returns how many operations were merged into an earlier one.
  static func run(_ graph: RewriteGraph) -> Int {
    // One table for each region that is open, for regions are closed: what one computes is not there for another.
    var tables: [[Key: RewriteGraph.NodeID]] = []
    var count = 0
    graph.forEach(enter: { tables.append([:]) }, leave: { tables.removeLast() }) { node in
      let operation = graph.operation(node)
      guard !graph.hasRegions(node), !operation.results.isEmpty else { return }
      let key = Key(
        op: hashable(operation.op), operands: operation.operands,
        types: operation.results.map { graph.type(of: $0) })
      if let earlier = tables.last?[key] {
        merge(node, into: earlier, graph)
        count += 1
        return
      }
      tables[tables.count - 1][key] = node
    }
    return count
  }

  private static func hashable(_ op: some Op) -> AnyHashable { AnyHashable(op) }

  private static func merge(
    _ node: RewriteGraph.NodeID, into earlier: RewriteGraph.NodeID, _ graph: RewriteGraph
  ) {
    let (operation, other) = (graph.operation(node), graph.operation(earlier))
    graph.setGuards(other.guards.adding(operation.guards), of: earlier)
    for (old, new) in zip(operation.results, other.results) {
      if graph.function[new].name.isEmpty { graph.rename(new, graph.function[old].name) }
      graph.replaceUses(of: old, with: new)
    }
    graph.eraseIfUnused(node)
  }
}
