/// One application of a rule, for `--explain`.
public struct RewriteEvent: Sendable, CustomStringConvertible {
  public var rule: String
  /// The op at the root of what was replaced.
  public var op: String
  public var location: Location
  /// The values that took its place, as op names; `value` for one that was there already.
  public var replacement: [String]

  public var description: String {
    let place = location == .unknown ? "" : " \(location)"
    return "\(rule): \(op) => \(replacement.joined(separator: ", "))\(place)"
  }
}

/// Applies rules until none applies, in an order that depends on nothing but the function and the list of rules.
public struct Rewriter {
  private let rules: [Rule]
  /// For each root, the rules to try, in the order of the list.
  private let table: [String: [Int]]
  private let general: [Int]
  /// How often rules may be applied to a function; nil for an amount that grows with it.
  public var budget: Int?
  /// Called for each application.
  public var explain: ((RewriteEvent) -> Void)?

  /// - Parameter exactness: the greatest change of results that a rule may make.
  public init(_ rules: [Rule], exactness: Rule.Exactness = .rounding) {
    let chosen = rules.filter { $0.exactness <= exactness }
    let general = chosen.indices.filter { chosen[$0].root == nil }
    var table: [String: [Int]] = [:]
    for (index, rule) in chosen.enumerated() {
      if let root = rule.root { table[root, default: []].append(index) }
    }
    self.rules = chosen
    self.table = table.mapValues { ($0 + general).sorted() }
    self.general = general
  }

  /// Rewrites a graph; returns how many rules were applied. Throws, naming the rules, where they go round in circles.
  @discardableResult
  public func run(_ graph: RewriteGraph) throws -> Int {
    var waiting = Worklist(graph.order)
    let limit = budget ?? 256 + 32 * waiting.count
    var recent: [String] = []
    var count = 0
    while let node = waiting.pop() {
      guard graph.isAlive(node), let applied = apply(at: node, graph, &waiting) else { continue }
      count += 1
      recent.append(applied)
      if recent.count > Rewriter.memory { recent.removeFirst() }
      if count > limit { throw Rewriter.cycle(recent, limit) }
    }
    return count
  }

  /// How many applications are looked at to name the rules of a circle.
  private static let memory = 64

  private static func cycle(_ recent: [String], _ limit: Int) -> Diagnostic {
    var names: [String] = []
    for name in recent where !names.contains(name) { names.append(name) }
    let list = names.map { "'\($0)'" }.joined(separator: ", ")
    return Diagnostic("rewrite-cycle", "\(limit) rewrites were not enough; the last ones were by \(list)")
  }

  /// Tries the rules at a node; the name of the one that applied.
  private func apply(
    at node: RewriteGraph.NodeID, _ graph: RewriteGraph, _ waiting: inout Worklist
  ) -> String? {
    for index in table[graph.operation(node).op.name] ?? general {
      var site = RewriteSite(graph, node)
      // What inference refuses is no place for the rule.
      let found = (try? rules[index].apply(&site)) ?? nil
      if let values = found, replace(site, by: values, &waiting) {
        explain?(event(rules[index].name, site, values))
        graph.eraseIfUnused(node)
        return rules[index].name
      }
      for extra in site.added.reversed() { graph.eraseIfUnused(extra) }
    }
    return nil
  }

  private func event(_ rule: String, _ site: RewriteSite, _ values: [ValueID]) -> RewriteEvent {
    let names = values.map { value in
      site.graph.producer(of: value).map { site.graph.operation($0).op.name } ?? "value"
    }
    return RewriteEvent(
      rule: rule, op: site.operation.op.name, location: site.operation.location, replacement: names)
  }

  /// Puts values in the place of the site's results; refuses where types or guards would be lost.
  private func replace(_ site: RewriteSite, by values: [ValueID], _ waiting: inout Worklist) -> Bool {
    let graph = site.graph
    let results = site.operation.results
    guard values.count == results.count, values != results,
      zip(values, results).allSatisfy({ graph.type(of: $0) == graph.type(of: $1) }),
      moveGuards(of: site, to: values)
    else { return false }
    for (old, new) in zip(results, values) where old != new {
      if graph.function[new].name.isEmpty { graph.function[new].name = graph.function[old].name }
      waiting.push(graph.replaceUses(of: old, with: new))
    }
    waiting.push(site.added)
    return true
  }

  /// What was checked before the operations replaced are checked before what comes instead: the new
  /// operations, else those that use the values.
  private func moveGuards(of site: RewriteSite, to values: [ValueID]) -> Bool {
    let graph = site.graph
    let guards = site.guards
    if guards.isEmpty { return true }
    var targets = values.compactMap { graph.producer(of: $0) }.filter { site.added.contains($0) }
    if targets.isEmpty {
      guard site.operation.results.allSatisfy({ !graph.isResult($0) }) else { return false }
      targets = site.operation.results.flatMap { graph.users(of: $0) }
    }
    for target in targets {
      graph.setGuards(graph.operation(target).guards.adding(guards), of: target)
    }
    return true
  }
}

/// Nodes to look at, first come first served, each at most once at a time.
struct Worklist {
  private var queue: [RewriteGraph.NodeID]
  private var head = 0
  private var isWaiting: Set<RewriteGraph.NodeID>

  init(_ nodes: [RewriteGraph.NodeID]) {
    queue = nodes
    isWaiting = Set(nodes)
  }

  var count: Int { queue.count - head }

  mutating func push(_ nodes: [RewriteGraph.NodeID]) {
    for node in nodes where isWaiting.insert(node).inserted { queue.append(node) }
  }

  mutating func pop() -> RewriteGraph.NodeID? {
    guard head < queue.count else { return nil }
    defer { head += 1 }
    isWaiting.remove(queue[head])
    return queue[head]
  }
}
