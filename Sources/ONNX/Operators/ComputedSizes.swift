import TensorIR
import TensorOps

extension OnnxOperators {
  /// Operators whose results are as long as the run finds.
  static let computedSizes: [String: Converter] = [
    "NonZero": one { node in try node.nonzero(node.tensor(0)) },
    "NonMaxSuppression": one(suppressed),
    "Unique": unique,
  ]

  private static func suppressed(_ node: NodeConversion) throws -> Tensor {
    let (boxes, scores) = (try node.tensor(0), try node.tensor(1))
    guard boxes.rank == 3, scores.rank == 3 else {
      throw OnnxError("onnx-rank", "it takes boxes and scores of rank 3, not \(boxes.rank) and \(scores.rank)")
    }
    func scalar(_ index: Int, _ fallback: Double, _ type: ElementType) throws -> Tensor {
      guard node.hasInput(index) else { return try node.add(Full(fallback, type, []), list: [])[0] }
      return try node.cast(node.reshape(node.tensor(index), []), to: type)
    }
    // Without a number of boxes none is taken, without a least score all are.
    let limits = [try scalar(2, 0, .i64), try scalar(3, 0, .f32), try scalar(4, -.infinity, .f32)]
    let count = scores.shape[2]
    let wanted = node.hasInput(2) ? node.symbolic(2)?.elements.first : 0
    let most = wanted.map { node.symbols.minimum(node.symbols.maximum($0, 0), count) } ?? count
    let rows = scores.shape[0] * scores.shape[1] * most
    let op = NonMaxSuppression(rows: rows, centred: try node.flag("center_point_box"))
    let found = try node.add(op, list: [boxes, scores] + limits)
    let size = try node.size("boxes", of: found[1], bound: rows)
    return try node.add(Slice(starts: [0, 0], sizes: [size, 3], steps: [1, 1]), found[0])
  }

  /// The different elements in order, where each first stands, which of them each element is, and how often they come.
  private static func unique(_ node: NodeConversion) throws -> [ImportedValue] {
    let x = try node.tensor(0)
    if let axis = try node.integer("axis"), x.rank != 1 {
      throw OnnxError(
        "onnx-unique", "it looks for different slices along axis \(axis); that is supported of elements alone")
    }
    let isSorted = try node.flag("sorted", default: true)
    let count = x.type.count
    let flat = try node.reshape(x, [count])
    let order = try node.add(ArgSort(axis: 0, descending: false), flat)
    let sorted = try node.add(Gather(axis: 0), flat, order)
    // An element is new where it differs from the one before it; the first always is.
    let places = try node.add(Iota(.i64, [count], axis: 0), list: [])[0]
    let zero = try node.scalar(0, .i64)
    let one = try node.scalar(1, .i64)
    let before = try node.add(Gather(axis: 0), sorted, Tensor.maximum(places - one, zero))
    let isFirst = try node.add(Equal(), places, zero)
    let isNew = try node.add(LogicalOr(), isFirst, node.add(NotEqual(), sorted, before))
    let found = try node.nonzero(isNew)
    let starts = try node.reshape(found, [found.shape[1]])
    return try UniqueResults(node, x: flat, order: order, sorted: sorted, isNew: isNew, starts: starts).results(
      isSorted)
  }
}

/// The results of `Unique` from sorted elements.
private struct UniqueResults {
  let node: NodeConversion
  let x: Tensor
  let order: Tensor
  let sorted: Tensor
  let isNew: Tensor
  /// Where in the sorted elements each different one begins.
  let starts: Tensor

  init(_ node: NodeConversion, x: Tensor, order: Tensor, sorted: Tensor, isNew: Tensor, starts: Tensor) throws {
    (self.node, self.x, self.order, self.sorted, self.isNew) = (node, x, order, sorted, isNew)
    self.starts = starts
  }

  func results(_ isSorted: Bool) throws -> [ImportedValue] {
    let one = try node.scalar(1, .i64)
    // Sorting is stable, so of equal elements the first one in order is the first of all.
    var first = try node.add(Gather(axis: 0), order, starts)
    var values = try node.add(Gather(axis: 0), sorted, starts)
    let group = try node.add(CumulativeSum(axis: 0), node.cast(isNew, to: .i64)) - one
    var inverse = try put(group, at: order, into: x.type.count)
    let end = try node.reshape(node.scalar(x.type.count), [1])
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
    return [values, first, inverse, counts].map { ImportedValue($0) }
  }

  private func put(_ values: Tensor, at places: Tensor, into count: Dimension) throws -> Tensor {
    let zeros = try node.add(Full(0, .i64, [count]), list: [])[0]
    return try node.add(ScatterElements(axis: 0, reduction: .replace), zeros, places, values)
  }
}
