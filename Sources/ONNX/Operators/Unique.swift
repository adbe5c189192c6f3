import TensorIR
import TensorOps

extension OnnxOperators {
  /// The different elements or slices in order, where each first stands, which of them each is, and how often they come.
  static func unique(_ node: NodeConversion) throws -> [ImportedValue] {
    let x = try node.tensor(0)
    let isSorted = try node.flag("sorted", default: true)
    let given = try node.integer("axis")
    let axis = try given.map { try node.axis($0, rank: x.rank) }
    guard let axis, x.rank > 1 else {
      let flat = try node.reshape(x, [x.type.count])
      return try UniqueElements(node, flat).results(isSorted).map { ImportedValue($0) }
    }
    // One row for each slice.
    let others = x.shape.indices.filter { $0 != axis }
    let shape = others.map { x.shape[$0] }
    let rows = try node.reshape(node.transpose(x, [axis] + others), [x.shape[axis], shape.reduce(1, *)])
    var results = try UniqueElements(node, rows).results(isSorted)
    let apart = try node.reshape(results[0], [results[0].shape[0]] + shape)
    var order = Array(1...others.count)
    order.insert(0, at: axis)
    results[0] = try node.transpose(apart, order)
    return results.map { ImportedValue($0) }
  }
}

/// The different ones among elements, or among the rows of a matrix.
private struct UniqueElements {
  let node: NodeConversion
  /// Of rank 1 or 2.
  let x: Tensor
  let order: Tensor
  let sorted: Tensor
  /// Which of the sorted ones differ from the one before.
  let isNew: Tensor
  /// Where in the sorted ones each different one begins.
  let starts: Tensor

  init(_ node: NodeConversion, _ x: Tensor) throws {
    (self.node, self.x) = (node, x)
    order = try UniqueElements.order(node, x)
    sorted = try node.add(Gather(axis: 0), x, order)
    // One is new where it differs from the one before it; the first always is.
    let places = try node.add(Iota(.i64, [x.shape[0]], axis: 0), list: [])[0]
    let zero = try node.scalar(0, .i64)
    let one = try node.scalar(1, .i64)
    let before = try node.add(Gather(axis: 0), sorted, Tensor.maximum(places - one, zero))
    var differs = try node.add(NotEqual(), sorted, before)
    if x.rank == 2 {
      differs = try node.add(NotEqual(), node.add(Sum(axes: [1]), node.cast(differs, to: .i64)), zero)
    }
    isNew = try node.add(LogicalOr(), node.add(Equal(), places, zero), differs)
    let found = try node.nonzero(isNew)
    starts = try node.reshape(found, [found.shape[1]])
  }

  /// The places in ascending order; sorting is stable. Rows are sorted by their last column, then by the one before it,
  /// and so on.
  private static func order(_ node: NodeConversion, _ x: Tensor) throws -> Tensor {
    if x.rank == 1 { return try node.add(ArgSort(axis: 0, descending: false), x) }
    let columns = try node.transpose(x, [1, 0])
    let last = try node.scalar(x.shape[1] - 1)
    let places = try node.add(Iota(.i64, [x.shape[0]], axis: 0), list: [])[0]
    return try LoopPlan(node.graph).results(of: .dimension(x.shape[1]), carrying: [places]) { trip, carried in
      let column = try node.add(Gather(axis: 0), columns, node.add(Subtract(), last, trip))
      let keys = try node.add(Gather(axis: 0), column, carried[0])
      return [try node.add(Gather(axis: 0), carried[0], node.add(ArgSort(axis: 0, descending: false), keys))]
    }[0]
  }

  func results(_ isSorted: Bool) throws -> [Tensor] {
    let one = try node.scalar(1, .i64)
    // Sorting is stable, so of equal elements the first one in order is the first of all.
    var first = try node.add(Gather(axis: 0), order, starts)
    var values = try node.add(Gather(axis: 0), sorted, starts)
    let group = try node.add(CumulativeSum(axis: 0), node.cast(isNew, to: .i64)) - one
    var inverse = try put(group, at: order, into: x.shape[0])
    let end = try node.reshape(node.scalar(x.shape[0]), [1])
    let behind = try node.add(Concat(axis: 0), list: [starts, end])[0]
    let next = try node.add(Slice(starts: [1], sizes: starts.shape, steps: [1]), behind)
    var counts = next - starts
    if !isSorted {
      let rank = try node.add(ArgSort(axis: 0, descending: false), first)
      let places = try node.add(Iota(.i64, first.shape, axis: 0), list: [])[0]
      let renamed = try put(places, at: rank, into: first.shape[0])
      (first, values) = (try node.add(Gather(axis: 0), first, rank), try node.add(Gather(axis: 0), values, rank))
      counts = try node.add(Gather(axis: 0), counts, rank)
      inverse = try node.add(Gather(axis: 0), renamed, inverse)
    }
    return [values, first, inverse, counts]
  }

  private func put(_ values: Tensor, at places: Tensor, into count: Dimension) throws -> Tensor {
    let zeros = try node.add(Full(0, .i64, [count]), list: [])[0]
    return try node.add(ScatterElements(axis: 0, reduction: .replace), zeros, places, values)
  }
}
