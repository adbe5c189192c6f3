import TensorIR

/// Drops guards that hold by what is known of the symbols, and those that an operation before has checked already.
enum DropGuards {
  static func run(_ graph: RewriteGraph) {
    let symbols = graph.function.symbols
    // One list for each region that is open: what a branch not taken would have checked is not checked.
    var checked: [Set<Condition>] = []
    graph.forEach(enter: { checked.append([]) }, leave: { checked.removeLast() }) { node in
      let guards = graph.operation(node).guards
      guard !guards.isEmpty else { return }
      var kept: [InferenceContext.Guard] = []
      for condition in guards where symbols.isEqual(condition.left, condition.right) != .yes {
        let key = Condition(condition)
        guard !checked.contains(where: { $0.contains(key) }) else { continue }
        checked[checked.count - 1].insert(key)
        kept.append(condition)
      }
      if kept.count != guards.count { graph.setGuards(kept, of: node) }
    }
  }

  /// An equality whatever its sides and its message: the difference that must be 0, with its first sign positive.
  private struct Condition: Hashable {
    var difference: Dimension

    init(_ condition: InferenceContext.Guard) {
      let difference = condition.left - condition.right
      let isNegative = (difference.terms.first?.coefficient ?? difference.constantTerm) < 0
      self.difference = isNegative ? -difference : difference
    }
  }
}
