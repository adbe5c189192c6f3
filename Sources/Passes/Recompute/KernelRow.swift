import TensorIR
import TensorOps

/// A fused function as a row of kernels and the memory between them, in the sizes of a call.
struct KernelRow {
  /// What one operation of the function is: a kernel, a view, or memory that is there.
  struct Item {
    /// The values whose memory it reads, and those that it makes, each once.
    var reads: [Int] = []
    var makes: [Int] = []
    /// About how long it takes, in multiply-adds.
    var cost = 0.0
    /// Whether it may be computed again.
    var isRepeatable = false
    /// The value that it is a view of.
    var viewed: Int?
  }

  private(set) var items: [Item] = []
  /// For each value that has workspace of its own, its bytes; 0 for others.
  private(set) var bytes: [Int]
  /// The item that makes a value; -1 for a parameter.
  private(set) var maker: [Int]
  /// The value in whose memory a value lies.
  private(set) var root: [Int]

  /// - Parameter sizes: of the symbols.
  /// - Throws: `memory-budget-size` where the size of a value is not known.
  init(_ function: Function, _ sizes: [String: Int]) throws {
    self.init(function)
    for (index, operation) in function.body.operations.enumerated() where !items[index].makes.isEmpty {
      try measure(index, operation, function, sizes)
    }
    // Results lie in the caller's memory.
    for id in function.body.results { bytes[root[id.index]] = 0 }
  }

  /// Without bytes and costs.
  init(_ function: Function) {
    bytes = Array(repeating: 0, count: function.values.count)
    maker = Array(repeating: -1, count: function.values.count)
    root = Array(function.values.indices)
    for (index, operation) in function.body.operations.enumerated() {
      for id in operation.results { maker[id.index] = index }
      if operation.isView(in: function), let source = operation.operands.first.flatMap({ $0 }) {
        root[operation.results[0].index] = root[source.index]
        items.append(Item(viewed: root[source.index]))
      } else if operation.isConstantMemory {
        items.append(Item())
      } else {
        items.append(kernel(operation))
      }
    }
    for id in function.body.results {
      let own = maker[root[id.index]]
      if own >= 0 { items[own].isRepeatable = false }
    }
  }

  private func kernel(_ operation: Operation) -> Item {
    var item = Item()
    item.reads = operation.operands.compactMap { $0.map { root[$0.index] } }.uniqued()
    item.makes = operation.results.map(\.index)
    let finds = !operation.op.definedSizes.isEmpty || !operation.op.regionSizes.isEmpty
    item.isRepeatable = !(operation.op is any ControlOp) && !finds
    return item
  }

  private mutating func measure(
    _ index: Int, _ operation: Operation, _ function: Function, _ sizes: [String: Int]
  ) throws {
    for id in operation.results { bytes[id.index] = try number(function.type(of: id).byteCount, function, sizes) }
    let moved = (operation.operands.compactMap { $0 } + operation.results).map { bytes[root[$0.index]] }.reduce(0, +)
    items[index].cost = Double(moved) * 2
    for member in operation.isGroup ? operation.regions.flatMap(\.operations) : [operation] {
      items[index].cost += try work(member, function, sizes)
    }
  }

  /// Multiply-adds of products and sums, and some for each element of others.
  private func work(_ operation: Operation, _ function: Function, _ sizes: [String: Int]) throws -> Double {
    guard let result = operation.results.first else { return 0 }
    let count = Double(try number(function.type(of: result).count, function, sizes))
    guard case .combined(let extents)? = operation.accessMap(in: function)?.use else { return count * 4 }
    return try extents.reduce(count) { $0 * Double(try number($1, function, sizes)) }
  }

  private func number(_ dimension: Dimension, _ function: Function, _ sizes: [String: Int]) throws -> Int {
    if let number = function.symbols.number(dimension, sizes) { return max(number, 0) }
    let missing = dimension.symbols.filter { sizes[$0] == nil }.sorted().map { "'\($0)'" }.joined(separator: ", ")
    throw Diagnostic(
      "memory-budget-size",
      "a memory budget needs to know the size of \(missing): fix or bound it, or say it beside the budget")
  }
}
