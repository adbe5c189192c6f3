import TensorIR
import TensorOps

/// Axes of a reduction that are computed: for each axis the run decides whether it is combined. How many there are is known,
/// and so is the rank of the result.
struct ComputedAxes {
  private let node: NodeConversion
  private let shape: [Dimension]
  private let count: Int
  /// For each axis whether it is combined, a boolean scalar.
  private let isCombined: [Tensor]

  /// Nil where the axes are known, or none are given.
  init?(_ node: NodeConversion, _ x: Tensor) throws {
    guard node.hasInput(1), node.symbolic(1) == nil, x.rank > 0 else { return nil }
    let given = try node.cast(node.tensor(1), to: .i64)
    guard given.rank == 1, let count = given.shape[0].constant else {
      throw OnnxError(
        "onnx-data-dependent",
        "its axes are \(given.type) and computed, and how many there are must be known before it runs\(node.hint(1))")
    }
    guard count > 0 else { return nil }
    // There are axes, so that what holds where there are none says nothing.
    _ = try node.flag("noop_with_empty_axes")
    (self.node, shape, self.count) = (node, x.shape, count)
    isCombined = try x.shape.indices.map { axis in
      let names = try [axis, axis - x.rank].map { try node.add(Equal(), given, node.scalar(Double($0), .i64)) }
      return try node.add(Max(axes: [0], keepAxes: false), node.cast(node.add(LogicalOr(), list: names)[0], to: .i64))
        .cast(to: .bool)
    }
  }

  /// How many elements are combined to one.
  func elements() throws -> Tensor {
    let one = try node.scalar(1, .i64)
    return try zip(isCombined, shape).reduce(one) { $0 * Tensor.select($1.0, try node.scalar($1.1), one) }
  }

  /// The reduction, axis by axis.
  func reduced(_ x: Tensor, _ make: (_ axes: [Int], _ keepAxes: Bool) -> any TensorOp) throws -> Tensor {
    let graph = node.graph
    var result = x
    for (axis, condition) in isCombined.enumerated() {
      let source = result
      let sides = try [true, false].map { isCombined in
        try graph.traced([]) { _ in
          [ImportedValue(try isCombined ? node.add(make([axis], true), source) : node.add(Copy(), source))]
        }
      }
      result = try StructuredBranch.record(sides, condition, in: graph)[0].tensor(in: graph.recorder)
    }
    return try node.flag("keepdims", default: true) ? result : without(result)
  }

  /// Without the axes that were combined: the other extents, in order.
  private func without(_ result: Tensor) throws -> Tensor {
    guard shape.count > count else { return try node.reshape(result, []) }
    let flags = try node.add(
      Concat(axis: 0), list: isCombined.map { try node.reshape(node.cast($0, to: .i64), [1]) })[0]
    let order = try node.add(ArgSort(axis: 0, descending: false), flags)
    let extents = try node.add(DimensionValues(shape, [shape.count]), list: [])[0]
    let sorted = try node.add(Gather(axis: 0), extents, order)
    let sizes = try (0..<shape.count - count).map { place in
      let one = try node.add(Slice(starts: [Dimension(place)], sizes: [1], steps: [1]), sorted)
      return try node.size("kept", of: one, bound: nil)
    }
    return try node.add(Reshape(sizes), result)
  }
}
