import TensorIR

/// Writes the innermost part of a matrix product: a tile of rows × vectors of sums in named registers, over runs of
/// contiguous steps. Rows of the left operand are read by broadcast where they lie; panels of the right one are packed.
struct TileProduct {
  let builder: KernelBuilder
  let target: Target
  let shape: TileShape
  let element: ElementType
  /// Where the sums go: rows × columns of a panel, on the stack.
  let tile: Buffer
  let left: Buffer
  let right: Buffer

  /// Distances in the left operand.
  struct Left {
    /// The offset of the tile's first row.
    var origin: Expression
    /// From row to row.
    var row: Expression
    /// From step to step.
    var step: Expression
  }

  /// The runs of steps: nested levels, outermost first, each with how often and how far the left operand moves; and the
  /// length of a run.
  struct Runs {
    var levels: [(count: Expression, offset: Expression)]
    var length: Expression
  }

  private var lanes: Int { target.lanes(of: element) }

  /// The sums of `height` rows (1 … `shape.rows`) into ``tile``; a panel whose columns fit one vector takes half the work.
  func write(_ left: Left, _ runs: Runs, panel: Expression, height: Expression, columns: Expression) {
    let narrow = Expression.binary(.lessEqual, columns, .integer(lanes))
    if shape.vectors > 1 {
      builder.branch(narrow) {
        heights(1...shape.rows, height) { sums(left, runs, panel, rows: $0, vectors: 1) }
      } otherwise: {
        heights(1...shape.rows, height) { sums(left, runs, panel, rows: $0, vectors: shape.vectors) }
      }
    } else {
      heights(1...shape.rows, height) { sums(left, runs, panel, rows: $0, vectors: 1) }
    }
  }

  /// Code for each height, chosen by halving.
  private func heights(_ range: ClosedRange<Int>, _ height: Expression, _ body: (Int) -> Void) {
    if range.count == 1 { return body(range.lowerBound) }
    let middle = (range.lowerBound + range.upperBound + 1) / 2
    builder.branch(.less(height, .integer(middle))) {
      heights(range.lowerBound...(middle - 1), height, body)
    } otherwise: {
      heights(middle...range.upperBound, height, body)
    }
  }

  private func sums(_ left: Left, _ runs: Runs, _ panel: Expression, rows: Int, vectors: Int) {
    let type = LoopType(element.computeType, lanes: lanes)
    let sums = (0..<rows).map { row in
      (0..<vectors).map { builder.mutable("sum\(row)_\($0)", zero(type)) }
    }
    let packed = builder.pointer("b", into: right, offset: panel)
    nested(runs.levels, start: left.origin) { self.run(left, runs, packed, sums, start: $0) }
    for (row, parts) in sums.enumerated() {
      for (part, sum) in parts.enumerated() {
        let place = row * shape.vectors * lanes + part * lanes
        builder.store(tile, .integer(place), .variable(sum))
      }
    }
  }

  private func nested(
    _ levels: [(count: Expression, offset: Expression)], start: Expression, _ body: (Expression) -> Void
  ) {
    guard let first = levels.first else { return body(start) }
    builder.loop("run", to: first.count) { run in
      let moved = builder.declare("start", start + run * first.offset)
      nested(Array(levels.dropFirst()), start: moved, body)
    }
  }

  /// One pointer serves three rows: base, base + row and base + 2*row are address modes, so twelve rows need four registers.
  private func run(_ left: Left, _ runs: Runs, _ packed: Buffer, _ sums: [[Variable]], start: Expression) {
    let type = LoopType(element.computeType, lanes: lanes)
    let pointers = stride(from: 0, to: sums.count, by: 3).map { row in
      builder.pointer("a\(row)", into: self.left, offset: start + .integer(row) * left.row)
    }
    let width = Expression.integer(shape.vectors * lanes)
    builder.loop("k", to: runs.length, unroll: .none) { _ in
      let vectors = sums[0].indices.map {
        builder.declare("b\($0)", .load(packed, .integer($0 * lanes), lanes: lanes))
      }
      if shape.prefetch > 0 {
        for part in sums[0].indices {
          builder.emit(.prefetch(packed, .integer(shape.prefetch) * width + .integer(part * lanes)))
        }
      }
      for (row, parts) in sums.enumerated() {
        let place = Expression.integer(row % 3) * left.row
        let value = builder.declare(
          "x", .broadcast(.load(pointers[row / 3], place, lanes: 1), lanes: lanes))
        for (part, sum) in parts.enumerated() {
          builder.assign(sum, .call("fma", [value, vectors[part], .variable(sum)], type))
        }
      }
      builder.advance(packed, by: width)
      pointers.forEach { builder.advance($0, by: left.step) }
    }
  }

  private func zero(_ type: LoopType) -> Expression {
    type.element.isFloat ? .number(0, type) : .literal(0, type)
  }
}
