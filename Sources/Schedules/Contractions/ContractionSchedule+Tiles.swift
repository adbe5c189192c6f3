import TensorIR
import TensorOps

// What the ways of dividing a product's work between threads share: rows cut into tiles, and the tiles of a panel.
extension ContractionSchedule {
  func cut(_ builder: KernelBuilder, first: Expression, count: Expression) -> TileRows {
    TileRows(builder, first: first, count: count, tallest: tallest)
  }

  /// Where the operands of one block lie.
  struct Operands {
    var left: (_ row: Expression) -> TileProduct.Left
    var runs: TileProduct.Runs
    var panel: (Expression) -> Expression
  }

  func operands(_ builder: KernelBuilder, block: Expression) -> Operands {
    let steps = builder.extent(problem.steps)
    let leftRow = builder.extent(problem.leftRow)
    let leftStep = builder.extent(problem.leftStep)
    let leftOrigin = builder.declare("left", problem.leftOrigin(builder, block))
    let rightOrigin = builder.declare("right", problem.rightOrigin(builder, block))
    let width = width
    return Operands(
      left: { .init(origin: leftOrigin + $0 * leftRow, row: leftRow, step: leftStep) },
      runs: runs(builder),
      panel: { rightOrigin + $0 * steps * .integer(width) })
  }

  /// Short runs between others are written out, or their loop would begin again and again.
  private func runs(_ builder: KernelBuilder) -> TileProduct.Runs {
    let levels = problem.runs.map { (builder.extent($0.count), builder.extent($0.offset)) }
    let length = problem.runLength
    let isSmall = shape.rows * shape.vectors <= tuning.mostUnrolledSums
    if let steps = length.constant, !levels.isEmpty, isSmall, steps <= tuning.longestUnrolled {
      return .init(levels: levels, length: .integer(steps), unroll: .full)
    }
    let isLong = length.constant.map { $0 >= tuning.leastUnrolledByFour } ?? true
    return .init(levels: levels, length: builder.extent(length), unroll: isLong ? .four : .none)
  }

  /// The panels of the pieces low … high, which are numbered panel by panel, each with the tiles it has among them.
  func panels(
    _ builder: KernelBuilder, _ rows: TileRows, low: Expression, high: Expression,
    _ body: (_ panel: Expression, _ first: Expression, _ last: Expression) throws -> Void
  ) rethrows {
    try builder.loop("panel", from: low / rows.tiles, to: (high + rows.tiles - 1) / rows.tiles) { panel in
      let first = builder.declare("tile_from", .maximum(low - panel * rows.tiles, 0))
      try body(panel, first, builder.declare("tile_to", .minimum(high - panel * rows.tiles, rows.tiles)))
    }
  }

  /// Some tiles of a block, for one panel.
  func tiles(
    _ builder: KernelBuilder, _ writer: TileWriter, _ operands: Operands, _ rows: TileRows, from first: Expression,
    to last: Expression, _ firstLine: Expression, _ column: Expression, _ packed: Expression
  ) throws {
    try rows.loop(builder, from: first, to: last) { row, height in
      var left = operands.left(row)
      left.origin = builder.declare("origin", left.origin)
      try writer.write(
        .init(
          left: left, runs: operands.runs, row: builder.declare("line", firstLine + row), height: height,
          heights: 1...heightLimit, column: column, panels: [packed]))
    }
  }

  /// No tile is higher than all rows of a block.
  var heightLimit: Int { max(1, min(tallest, problem.rows.constant ?? tallest)) }
}
