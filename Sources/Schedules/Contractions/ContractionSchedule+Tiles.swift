import TensorIR
import TensorOps

// What the ways of dividing a product's work between threads share: rows cut into tiles, and the tiles of a panel.
extension ContractionSchedule {
  /// A range of rows, cut into tiles of nearly equal height.
  struct Rows {
    var first: Expression
    var tiles: Expression
    var base: Expression
    var extra: Expression
  }

  func cut(_ builder: KernelBuilder, first: Expression, count: Expression) -> Rows {
    let size = Expression.integer(tallest)
    let number = builder.declare("rows", count)
    let tiles = builder.declare("tiles", .maximum((number + (size - 1)) / size, 1))
    return Rows(
      first: first, tiles: tiles, base: builder.declare("base", number / tiles),
      extra: builder.declare("extra", number % tiles))
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
      runs: .init(
        levels: problem.runs.map { (builder.extent($0.count), builder.extent($0.offset)) },
        length: builder.extent(problem.runLength)),
      panel: { rightOrigin + $0 * steps * .integer(width) })
  }

  /// Some tiles of a block, for one panel.
  func tiles(
    _ builder: KernelBuilder, _ writer: TileWriter, _ operands: Operands, _ rows: Rows, from first: Expression,
    to last: Expression, _ firstLine: Expression, _ column: Expression, _ packed: Expression
  ) throws {
    try builder.loop("t", from: first, to: last) { t in
      let height = builder.declare("height", rows.base + .select(.less(t, rows.extra), 1, 0))
      let row = builder.declare("row", rows.first + t * rows.base + .minimum(t, rows.extra))
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
