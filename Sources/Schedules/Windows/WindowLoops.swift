import TensorIR
import TensorOps

/// Writes the loops of a window op: over the elements of the result, vectors along the innermost axis in memory where
/// it is not a spatial one, and over the taps of a window.
struct WindowLoops {
  let kernel: GroupKernel
  let window: Window
  /// The type of the anchor's result.
  let result: TensorType
  /// The axes before the spatial ones.
  var lead = 2

  var builder: KernelBuilder { kernel.builder }

  /// Runs `body` for every element of the result. `isVector` says whether vectors are of use at all.
  func elements(isVector: Bool = true, _ body: (_ index: [Index], _ count: Expression?) throws -> Void) throws {
    let order = result.layout.axes(rank: result.rank)
    guard let innermost = order.last else { return }
    let outer = Array(order.dropLast())
    let lanes = innermost < lead && isVector ? kernel.lanes(result) : 1
    let extents = outer.map { result.shape[$0] }
    try LoopNest.pieces(builder, outer: extents, inner: result.shape[innermost]) { places, from, to in
      try LoopNest.vectors(kernel.evaluator, lanes: lanes, from: from, to: to) { column, count in
        var index = [Index](repeating: .zero, count: result.rank)
        for (axis, place) in zip(outer, places) { index[axis] = Index(place) }
        index[innermost] = column
        try body(index, count)
      }
    }
  }

  /// The taps of one axis that meet an element.
  struct Range {
    /// Where the first tap lies; it may be in the padding.
    var start: Expression
    /// How far apart the outputs of neighbouring lanes have it.
    var step = 0
    var from: Expression
    var to: Expression
  }

  /// The taps of an output's window that meet one of `extent` elements.
  func range(_ axis: Int, output: Expression, extent: Expression) -> Range {
    if window.isInside(axis) { return wholeRange(axis, output: Index(output)) }
    let dilation = Expression.integer(window.dilations[axis])
    let start = builder.declare(
      "start", output * .integer(window.strides[axis]) - .integer(window.before[axis]))
    let from = window.before[axis] == 0 ? 0 : (.maximum(0, Expression.integer(0) - start) + dilation - 1) / dilation
    let to = Expression.minimum(
      .integer(window.kernel[axis]), (.maximum(0, extent - start) + dilation - 1) / dilation)
    return Range(start: start, from: builder.declare("first", from), to: builder.declare("end", to))
  }

  /// All taps, for windows that lie inside.
  func wholeRange(_ axis: Int, output: Index) -> Range {
    let first = output * window.strides[axis]
    let start = builder.declare("start", first.base - .integer(window.before[axis]))
    return Range(start: start, step: first.step, from: 0, to: .integer(window.kernel[axis]))
  }

  /// Whether it is known that a range has all taps.
  func isWhole(_ range: Range, _ axis: Int) -> Bool {
    range.from.constantIndex == 0 && range.to.constantIndex == window.kernel[axis]
  }

  /// The ranges on all spatial axes for an output; those of `known` that are whole stay.
  func ranges(
    _ output: [Index], in shape: [Dimension], extra: [Int]? = nil, known: [Range]? = nil
  ) throws -> [Range] {
    try (0..<window.count).map { axis in
      if let range = known?[axis], isWhole(range, axis) { return range }
      let place = output[axis + 2]
      if place.step != 0 { throw NotVectorizable() }
      let more = Expression.integer(extra?[axis] ?? 0)
      return range(axis, output: place.base, extent: builder.extent(shape[axis + 2]) + more)
    }
  }

  /// Loops over the taps within ranges: `body` gets the element's index and the tap's row-major number.
  func taps(_ ranges: [Range], _ output: [Index], _ body: ([Index], Expression) throws -> Void) throws {
    func nest(_ axis: Int, _ index: [Index], _ number: Expression) throws {
      guard axis < window.count else { return try body(index, number) }
      let range = ranges[axis]
      let isUnrolled = isWhole(range, axis) && window.kernel[axis] <= builder.target.tuning.windows.longestUnrolled
      try builder.loop("t\(axis)", from: range.from, to: range.to, unroll: isUnrolled ? .full : .compiler) { tap in
        var next = index
        next[axis + 2] = Index(range.start + tap * .integer(window.dilations[axis]), step: range.step)
        try nest(axis + 1, next, number * .integer(window.kernel[axis]) + tap)
      }
    }
    try nest(0, output, 0)
  }

  /// Loops over the outputs whose windows hold an element: `body` gets the output's index, which tap of its window the
  /// element is on each axis, and the tap's row-major number.
  func outputs(
    _ element: [Index], in extents: [Dimension], _ body: ([Index], _ taps: [Expression], Expression) throws -> Void
  ) throws {
    func nest(_ axis: Int, _ index: [Index], _ taps: [Expression], _ number: Expression) throws {
      guard axis < window.count else { return try body(index, taps, number) }
      if element[axis + lead].step != 0 { throw NotVectorizable() }
      let place = builder.declare("place", element[axis + lead].base + .integer(window.before[axis]))
      // Whether each place is in the window of some output.
      let isCovered =
        result.shape[axis + lead] + Dimension(window.before[axis]) == extents[axis] * Dimension(window.strides[axis])
      try hits(axis, place, extent: builder.extent(extents[axis]), isCovered: isCovered) { output, tap in
        var next = index
        next[axis + lead] = Index(output)
        try nest(axis + 1, next, taps + [tap], number * .integer(window.kernel[axis]) + tap)
      }
    }
    try nest(0, element, [], 0)
  }

  /// Loops over the outputs along one axis, `extent` in number, that see a place counted from the padding's start.
  private func hits(
    _ axis: Int, _ place: Expression, extent: Expression, isCovered: Bool,
    _ body: (_ output: Expression, _ tap: Expression) throws -> Void
  ) throws {
    let (stride, kernel) = (Expression.integer(window.strides[axis]), window.kernel[axis])
    guard window.dilations[axis] == 1 else {
      return try builder.loop("t\(axis)", to: .integer(kernel)) { tap in
        let start = builder.declare("start", place - tap * .integer(window.dilations[axis]))
        var isHit = Expression.binary(.logicalAnd, .binary(.greaterEqual, start, 0), .less(start / stride, extent))
        if window.strides[axis] != 1 { isHit = .binary(.logicalAnd, isHit, .binary(.equal, start % stride, 0)) }
        try builder.branch(isHit) { try body(start / stride, tap) }
      }
    }
    // The outputs that see it are neighbours, the last of them with the least tap.
    let first = builder.declare("phase", place % stride)
    let last = builder.declare("last", place / stride)
    if kernel <= window.strides[axis] {
      // Windows do not overlap, so there is one output at most.
      if kernel == window.strides[axis], isCovered { return try body(last, first) }
      let isHit = Expression.binary(.logicalAnd, .less(first, .integer(kernel)), .less(last, extent))
      return try builder.branch(isHit) { try body(last, first) }
    }
    let least = builder.declare("from", .maximum(0, last - (extent - 1)))
    let most = Expression.minimum(last + 1, (.integer(kernel + window.strides[axis] - 1) - first) / stride)
    try builder.loop("t\(axis)", from: least, to: builder.declare("to", most)) { step in
      try body(builder.declare("output", last - step), builder.declare("tap", first + step * stride))
    }
  }

  /// The value of another value at an index, known only in the block being written.
  func value(_ id: ValueID, at index: [Index], lanes: Int) throws -> Expression {
    let evaluator = kernel.evaluator
    return try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
      evaluator.widened(try evaluator.value(id, at: index), lanes: lanes)
    }
  }
}
