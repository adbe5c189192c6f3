import TensorIR
import TensorOps

/// An output, or a vector of outputs, and the taps of its window that meet elements.
struct WindowPlace {
  let index: [Index]
  /// How many lanes count, in a partial vector.
  let count: Expression?
  let lanes: Int
  /// The taps on each spatial axis.
  let ranges: [WindowLoops.Range]
}

/// The loops over outputs of windows that are reduced. Windows that lie inside on all axes get loops with constant bounds,
/// which the C compiler unrolls; and vectors along a spatial axis stay between its margins, where all lanes have all taps.
extension WindowLoops {
  /// Runs `body` for every output, a vector along the innermost axis in memory where that is possible.
  ///
  /// - Parameters:
  ///   - shape: the operand's shape.
  ///   - isVector: whether vectors are of use at all.
  func windows(in shape: [Dimension], isVector: Bool = true, _ body: (WindowPlace) throws -> Void) throws {
    let order = result.layout.axes(rank: result.rank)
    guard let innermost = order.last else { return }
    let outer = Array(order.dropLast())
    let extents = outer.map { result.shape[$0] }
    try LoopNest.pieces(builder, outer: extents, inner: result.shape[innermost]) { places, from, to in
      var index = [Index](repeating: .zero, count: result.rank)
      for (axis, place) in zip(outer, places) { index[axis] = Index(place) }
      let ranges = (0..<window.count).map { axis -> Range? in
        if axis + lead == innermost { return nil }
        return range(axis, output: index[axis + lead].base, extent: builder.extent(shape[axis + lead]))
      }
      let row = Row(index: index, innermost: innermost, ranges: ranges)
      try self.row(row, in: shape, lanes: isVector ? kernel.lanes(result) : 1, from: from, to: to, body)
    }
  }

  /// What is known of the outputs along the innermost axis at one place on the others.
  private struct Row {
    var index: [Index]
    var innermost: Int
    /// The taps on the spatial axes; nil on the innermost.
    var ranges: [Range?]

    func index(at column: Index) -> [Index] {
      var next = index
      next[innermost] = column
      return next
    }
  }

  /// Runs `body` for the outputs of a row between two columns.
  private func row(
    _ row: Row, in shape: [Dimension], lanes: Int, from: Expression, to: Expression,
    _ body: (WindowPlace) throws -> Void
  ) throws {
    let (axis, evaluator) = (row.innermost - lead, kernel.evaluator)
    let inside = axis < 0 ? (low: from, high: to) : self.inside(axis, of: shape, from, to)
    func margin(_ from: Expression, _ to: Expression) throws {
      if from == to { return }
      try LoopNest.scalars(evaluator, from: from, to: to) { column, count in
        let own = range(axis, output: column.base, extent: builder.extent(shape[row.innermost]))
        let place = WindowPlace(
          index: row.index(at: column), count: count, lanes: 1, ranges: row.ranges.map { $0 ?? own })
        try body(place)
      }
    }
    try margin(from, inside.low)
    try branch(row.ranges) { ranges in
      try LoopNest.vectors(evaluator, lanes: lanes, from: inside.low, to: inside.high) { column, count in
        let all = ranges.map { $0 ?? wholeRange(axis, output: column) }
        let lanes = column.step == 0 ? 1 : evaluator.lanes
        try body(WindowPlace(index: row.index(at: column), count: count, lanes: lanes, ranges: all))
      }
    }
    try margin(inside.high, to)
  }

  /// The outputs of a row whose windows lie inside along an axis.
  private func inside(
    _ axis: Int, of shape: [Dimension], _ from: Expression, _ to: Expression
  ) -> (low: Expression, high: Expression) {
    let (before, stride) = (window.before[axis], window.strides[axis])
    let first = (before + stride - 1) / stride
    let low = first == 0 ? from : builder.declare("low", .maximum(from, .minimum(.integer(first), to)))
    let room = shape[axis + lead] + Dimension(before - window.span(axis))
    let end = room.floorDivided(by: Dimension(stride)) + 1
    if end == result.shape[axis + lead] { return (low, to) }
    return (low, builder.declare("high", .maximum(low, .minimum(builder.extent(end), to))))
  }

  /// Runs `body` twice, for windows that lie inside on the axes of `ranges` and for others, where that is worth it.
  private func branch(_ ranges: [Range?], _ body: ([Range?]) throws -> Void) throws {
    var whole = ranges
    var condition: Expression?
    for (axis, range) in ranges.enumerated() {
      guard let range, !isWhole(range, axis) else { continue }
      whole[axis] = Range(start: range.start, from: 0, to: .integer(window.kernel[axis]))
      let isFull = Expression.binary(.equal, range.to - range.from, .integer(window.kernel[axis]))
      condition = condition.map { .binary(.logicalAnd, $0, isFull) } ?? isFull
    }
    guard let condition, window.size <= builder.target.tuning.windows.largestOwn else { return try body(ranges) }
    try builder.branch(condition, then: { try body(whole) }, otherwise: { try body(ranges) })
  }
}
