/// A function laid out for rewriting: operations in linked lists, one for each region, with the users of every value
/// at hand. Values and operations are numbered in an arena, so that walks have one order in every process.
public final class RewriteGraph {
  /// The number of an operation in the graph.
  public typealias NodeID = Int

  struct Node {
    /// Its regions are kept as blocks instead.
    var operation: Operation
    var block: Int
    var inner: [Int] = []
    var previous: NodeID?
    var next: NodeID?
    var isAlive = true
  }

  /// A region: the function's body is block 0.
  struct Block {
    var parameters: [ValueID]
    var results: [ValueID]
    var first: NodeID?
    var last: NodeID?
  }

  /// The values and symbols; its body is empty.
  public internal(set) var function: Function
  var nodes: [Node] = []
  var blocks: [Block] = []
  /// For each value, the nodes that have it as an operand, once for each operand.
  private var users: [[NodeID]] = []
  /// For each value, the blocks that have it as a result, once for each result.
  private var yielders: [[Int]] = []
  /// For each value, the node that computes it; nil for a parameter.
  private var producers: [NodeID?] = []

  public init(_ source: Function) {
    function = source
    function.body = Region()
    growTables()
    _ = addBlock(source.body)
  }

  // MARK: Questions

  public func type(of id: ValueID) -> TensorType { function.type(of: id) }
  public func operation(_ node: NodeID) -> Operation { nodes[node].operation }
  public func isAlive(_ node: NodeID) -> Bool { nodes[node].isAlive }
  public func producer(of id: ValueID) -> NodeID? { producers[id.index] }
  public func users(of id: ValueID) -> [NodeID] { users[id.index] }
  /// Whether a region or the function gives the value as a result.
  public func isResult(_ id: ValueID) -> Bool { !yielders[id.index].isEmpty }
  /// How often the value is used, as an operand or a result.
  public func useCount(of id: ValueID) -> Int { users[id.index].count + yielders[id.index].count }
  public func hasRegions(_ node: NodeID) -> Bool { !nodes[node].inner.isEmpty }
  /// The nodes alive, in order, nested ones behind the one that holds them.
  public var order: [NodeID] {
    var result: [NodeID] = []
    forEach { result.append($0) }
    return result
  }

  /// Visits the nodes alive in order; `leave` is called at the end of each region.
  public func forEach(
    enter: () -> Void = {}, leave: () -> Void = {}, _ visit: (NodeID) throws -> Void
  ) rethrows {
    func walk(_ block: Int) throws {
      enter()
      defer { leave() }
      var current = blocks[block].first
      while let node = current {
        current = nodes[node].next
        try visit(node)
        if nodes[node].isAlive { for inner in nodes[node].inner { try walk(inner) } }
      }
    }
    try walk(0)
  }

  // MARK: Changes

  func addValue(_ type: TensorType, name: String = "") -> ValueID {
    let id = function.addValue(type, name: name)
    growTables()
    return id
  }

  /// Puts an operation, whose results are values of the graph, before a node of the same region.
  func insert(_ operation: Operation, before node: NodeID) -> NodeID {
    let id = nodes.count
    let previous = nodes[node].previous
    nodes.append(Node(operation: operation, block: nodes[node].block, previous: previous, next: node))
    nodes[node].previous = id
    if let previous { nodes[previous].next = id } else { blocks[nodes[node].block].first = id }
    for case let operand? in operation.operands { users[operand.index].append(id) }
    for result in operation.results { producers[result.index] = id }
    return id
  }

  /// Gives every use of a value to another one, which is defined before it. Returns the nodes whose operands changed.
  @discardableResult
  public func replaceUses(of old: ValueID, with new: ValueID) -> [NodeID] {
    guard old != new else { return [] }
    let changed = users[old.index]
    for node in changed {
      for index in nodes[node].operation.operands.indices where nodes[node].operation.operands[index] == old {
        nodes[node].operation.operands[index] = new
      }
    }
    for block in yielders[old.index] {
      for index in blocks[block].results.indices where blocks[block].results[index] == old {
        blocks[block].results[index] = new
      }
    }
    users[new.index] += changed
    yielders[new.index] += yielders[old.index]
    users[old.index] = []
    yielders[old.index] = []
    return changed
  }

  /// Removes a node none of whose results is used, and what only it used. Returns whether it did.
  @discardableResult
  public func eraseIfUnused(_ node: NodeID) -> Bool {
    var waiting = [node]
    var didErase = false
    while let next = waiting.popLast() {
      guard nodes[next].isAlive, nodes[next].operation.results.allSatisfy({ useCount(of: $0) == 0 }),
        !definesUsedSize(next)
      else { continue }
      didErase = true
      waiting += remove(next)
    }
    return didErase
  }

  /// Takes a node out; returns the nodes that may have become unused.
  private func remove(_ node: NodeID) -> [NodeID] {
    let (previous, next) = (nodes[node].previous, nodes[node].next)
    if let previous { nodes[previous].next = next } else { blocks[nodes[node].block].first = next }
    if let next { nodes[next].previous = previous } else { blocks[nodes[node].block].last = previous }
    nodes[node].isAlive = false
    var released = nodes[node].operation.operands.compactMap { $0 }
    for id in released { users[id.index].removeAll { $0 == node } }
    for block in nodes[node].inner { released += clear(block) }
    return released.compactMap { producers[$0.index] }
  }

  /// Takes all nodes out of a block; returns the values that they used.
  private func clear(_ block: Int) -> [ValueID] {
    var released = blocks[block].results
    for id in released { yielders[id.index].removeAll { $0 == block } }
    var current = blocks[block].first
    while let node = current {
      current = nodes[node].next
      nodes[node].isAlive = false
      for case let id? in nodes[node].operation.operands {
        users[id.index].removeAll { $0 == node }
        released.append(id)
      }
      for inner in nodes[node].inner { released += clear(inner) }
    }
    return released
  }

  /// Changes the name that a value prints with.
  public func rename(_ id: ValueID, _ name: String) { function[id].name = name }

  /// Replaces the guards of a node.
  public func setGuards(_ guards: [InferenceContext.Guard], of node: NodeID) {
    nodes[node].operation.guards = guards
  }

  // MARK: From a function

  private func growTables() {
    while users.count < function.values.count {
      users.append([])
      yielders.append([])
      producers.append(nil)
    }
  }

  private func addBlock(_ region: Region) -> Int {
    let block = blocks.count
    blocks.append(Block(parameters: region.parameters, results: region.results))
    for operation in region.operations {
      let node = nodes.count
      var flat = operation
      flat.regions = []
      nodes.append(Node(operation: flat, block: block, previous: blocks[block].last))
      if let last = blocks[block].last { nodes[last].next = node } else { blocks[block].first = node }
      blocks[block].last = node
      for case let id? in operation.operands { users[id.index].append(node) }
      for id in operation.results { producers[id.index] = node }
      for inner in operation.regions { nodes[node].inner.append(addBlock(inner)) }
    }
    for id in region.results { yielders[id.index].append(block) }
    return block
  }
}
