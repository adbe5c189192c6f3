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
      for item in guards where symbols.holds(item.condition) != .yes {
        let enough = stronger(item.condition).map(Condition.init)
        guard !checked.contains(where: { !$0.isDisjoint(with: enough) }) else { continue }
        checked[checked.count - 1].insert(Condition(item.condition))
        kept.append(item)
      }
      if kept.count != guards.count { graph.setGuards(kept, of: node) }
    }
  }

  /// The conditions each of which implies one, itself the first.
  private static func stronger(_ condition: SizeCondition) -> [SizeCondition] {
    let (a, b) = (condition.left, condition.right)
    let equality = SizeCondition(a, .equal, b)
    return switch condition.relation {
    case .equal: [condition]
    case .atMost, .broadcastsTo: [condition, equality]
    case .broadcastsWith:
      [condition, equality, SizeCondition(a, .broadcastsTo, b), SizeCondition(b, .broadcastsTo, a)]
    }
  }

  /// A condition whatever its sides: of equalities and inequalities the difference alone counts, of an equality without
  /// its sign.
  private struct Condition: Hashable {
    var condition: SizeCondition

    init(_ condition: SizeCondition) {
      let difference = condition.right - condition.left
      switch condition.relation {
      case .equal:
        let isNegative = (difference.terms.first?.coefficient ?? difference.constantTerm) < 0
        self.condition = SizeCondition(0, .equal, isNegative ? -difference : difference)
      case .atMost: self.condition = SizeCondition(0, .atMost, difference)
      case .broadcastsWith, .broadcastsTo: self.condition = condition.normalized
      }
    }
  }
}
