import TensorIR
import TensorOps

/// The loops that most kernels share.
enum LoopNest {
  /// Splits rows × columns into pieces for the threads: `body` gets the position on each outer axis and the columns from
  /// … to. What a piece is depends on shapes alone.
  static func pieces(
    _ builder: KernelBuilder, outer: [Dimension], inner: Dimension,
    _ body: (_ outer: [Expression], _ from: Expression, _ to: Expression) throws -> Void
  ) rethrows {
    let columns = builder.extent(inner)
    let chunk = builder.target.tuning.elements.piece
    let isShort = inner.constant.map { $0 <= 2 * chunk } ?? false
    if isShort { return try self.rows(builder, outer) { _, places in try body(places, 0, columns) } }
    let rows = builder.extent(outer.reduce(1, *))
    let chunks = builder.declare("chunks", (columns + .integer(chunk - 1)) / .integer(chunk))
    try builder.parallel("piece", count: rows * chunks) { piece in
      let row = outer.isEmpty ? Expression.integer(0) : builder.declare("row", piece / chunks)
      let part = outer.isEmpty ? piece : builder.declare("part", piece % chunks)
      let from = builder.declare("from", part * .integer(chunk))
      let to = builder.declare("to", .minimum(from + .integer(chunk), columns))
      try body(positions(builder, row, outer), from, to)
    }
  }

  /// Splits rows for the threads: `body` gets a row's number and its position on each axis. Rows along the innermost axis are an
  /// inner loop, for divisions take longer than rows of few elements.
  static func rows(
    _ builder: KernelBuilder, _ extents: [Dimension], _ body: (_ row: Expression, _ places: [Expression]) throws -> Void
  ) rethrows {
    // A loop over axes of one position would be as slow.
    let inner = extents.lastIndex { $0 != 1 } ?? 0
    guard inner > 0 else {
      return try builder.parallel("row", count: builder.extent(extents.reduce(1, *))) { row in
        try body(row, positions(builder, row, extents))
      }
    }
    let zeros = extents[(inner + 1)...].map { _ in Expression.integer(0) }
    let size = builder.extent(extents[inner])
    let share = builder.share("row", count: builder.extent(extents.reduce(1, *)))
    // Without rows there is nothing to divide by.
    try builder.branch(.less(share.from, share.to)) {
      try builder.loop("line", from: share.from / size, to: (share.to + (size - 1)) / size) { line in
        let first = builder.declare("first_row", line * size)
        let low = builder.declare("low", .maximum(share.from - first, 0))
        let high = builder.declare("high", .minimum(share.to - first, size))
        let outer = positions(builder, line, Array(extents[..<inner]))
        try builder.loop("i\(inner)", from: low, to: high) { place in
          try body(builder.declare("row", first + place), outer + [place] + zeros)
        }
      }
    }
  }

  /// The position on each axis of the row-major number of a row.
  static func positions(_ builder: KernelBuilder, _ row: Expression, _ extents: [Dimension]) -> [Expression] {
    var rest = row
    var result: [Expression] = []
    for (axis, extent) in extents.enumerated().reversed() {
      if axis == 0 {
        result.insert(rest, at: 0)
      } else {
        let size = builder.extent(extent)
        result.insert(builder.declare("i\(axis)", rest % size), at: 0)
        rest = builder.declare("rest\(axis)", rest / size)
      }
    }
    return result
  }

  /// A loop over columns by whole vectors, then the partial one. Where the body cannot be written for vectors, one element
  /// at a time. `body` gets the column and the step from lane to lane. As many vectors as `atOnce` says are computed in one step
  /// while there are so many: what one takes long to compute hides behind the others.
  static func vectors(
    _ evaluator: ElementEvaluator, lanes: Int, atOnce: Int = 1, from: Expression, to: Expression,
    _ body: (Index, _ count: Expression?) throws -> Void
  ) throws {
    let builder = evaluator.builder
    guard lanes > 1 else { return try scalars(evaluator, from: from, to: to, body) }
    do {
      let whole = builder.makeVariable("whole", .index)
      let main = try builder.block {
        var next = from
        for count in atOnce > 1 ? [atOnce, 1] : [1] {
          let end = count > 1 ? builder.declare("many", to - (to - from) % .integer(count * lanes)) : .variable(whole)
          try builder.loop("i", from: next, to: end, step: .integer(count * lanes)) { i in
            for vector in 0..<count {
              try evaluator.scope(lanes: lanes) { try body(Index(i + .integer(vector * lanes), step: 1), nil) }
            }
          }
          next = end
        }
      }
      let rest = try tail(evaluator, lanes: lanes, whole: .variable(whole), to: to, body)
      builder.emit(.declare(whole, to - (to - from) % .integer(lanes), mutable: false))
      main.forEach(builder.emit)
      rest.forEach(builder.emit)
    } catch is NotVectorizable {
      try scalars(evaluator, from: from, to: to, body)
    }
  }

  private static func tail(
    _ evaluator: ElementEvaluator, lanes: Int, whole: Expression, to: Expression,
    _ body: (Index, _ count: Expression?) throws -> Void
  ) throws -> [Statement] {
    let builder = evaluator.builder
    do {
      return try builder.block {
        try builder.branch(.less(whole, to)) {
          let count = builder.declare("count", to - whole)
          try evaluator.scope(lanes: lanes, partial: count) { try body(Index(whole, step: 1), count) }
        }
      }
    } catch is NotVectorizable {
      return try builder.block { try scalars(evaluator, from: whole, to: to, body) }
    }
  }

  static func scalars(
    _ evaluator: ElementEvaluator, from: Expression, to: Expression,
    _ body: (Index, _ count: Expression?) throws -> Void
  ) throws {
    try evaluator.builder.loop("i", from: from, to: to) { i in
      try evaluator.scope(lanes: 1) { try body(Index(i), nil) }
    }
  }
}
