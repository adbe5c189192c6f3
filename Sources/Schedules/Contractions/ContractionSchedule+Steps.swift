import TensorIR
import TensorOps

// Long sums over a left operand that is read across its rows: the gradient of weights, a sum over all examples. Each step is in
// another line of memory, and soon in another page, so a tile that took all of them would find none again. Steps go by blocks: many
// tiles add theirs to sums in the cache before the next block begins. Where blocks begin depends on the shape alone.
extension ContractionSchedule {
  /// Whether sums may be long enough, and the left operand lies so.
  var splitsSteps: Bool {
    let isLong = problem.steps.constant.map { $0 >= leastSplit } ?? true
    let isHigh = problem.rows.constant.map { $0 > TileWriter.fewRows(shape, sink.target) } ?? false
    return isLong && isHigh && problem.blocks == 1 && problem.runs.isEmpty && problem.leftStep != 1 && codes == nil
      && multiply == .numbers && group.type(of: anchor.results[0]).elementType == .f32
  }

  private var leastSplit: Int { 2 * tuning.stepsOfBlock }

  /// How many tiles a thread works on at once.
  private var tilesAtOnce: Int { max(1, tuning.bytesOfSums / (tallest * width * 4)) }

  /// What their sums take: no more than those of the whole result.
  var sumBytes: Dimension {
    let most = tilesAtOnce * tallest * width
    let whole = (problem.rows * panelCount * Dimension(width)).constant ?? most
    return Dimension(min(most, whole) * 4)
  }

  private var panelCount: Dimension { problem.columns.ceilingDivided(by: Dimension(width)) }

  /// The product by blocks of steps where they are many; otherwise what `few` writes.
  func splitSteps(
    _ builder: KernelBuilder, _ product: TileProduct, _ epilogue: Epilogue, sums: Buffer, few: () throws -> Void
  ) throws {
    if problem.steps.constant != nil { return try blocks(builder, product, epilogue, sums) }
    try builder.branch(.less(builder.extent(problem.steps), .integer(leastSplit))) {
      try few()
    } otherwise: {
      try blocks(builder, product, epilogue, sums)
    }
  }

  private func blocks(
    _ builder: KernelBuilder, _ product: TileProduct, _ epilogue: Epilogue, _ sums: Buffer
  ) throws {
    let rows = builder.extent(problem.rows)
    let cut = self.cut(builder, first: 0, count: rows)
    let share = builder.share("piece", count: builder.declare("total", cut.tiles * builder.extent(panelCount)))
    try builder.loop("chunk", from: share.from, to: share.to, step: .integer(tilesAtOnce)) { chunk in
      let end = builder.declare("end", .minimum(chunk + .integer(tilesAtOnce), share.to))
      let start = builder.declare("start", chunk / cut.tiles * rows + cut.row(of: chunk % cut.tiles))
      try self.chunk(builder, product, epilogue, sums) { body in
        try self.panels(builder, cut, low: chunk, high: end) { panel, first, last in
          try cut.loop(builder, from: first, to: last) { row, height in
            let place = builder.declare("sums_from", (panel * rows + row - start) * .integer(width))
            try body(.init(panel: panel, row: row, height: height, sums: place))
          }
        }
      }
    }
  }

  /// A tile: its panel, first row and height, and the place of its sums.
  private struct Tile { var panel, row, height, sums: Expression }

  /// All steps of some tiles, and what follows; `tiles` loops over them.
  private func chunk(
    _ builder: KernelBuilder, _ product: TileProduct, _ epilogue: Epilogue, _ sums: Buffer,
    _ tiles: ((Tile) throws -> Void) throws -> Void
  ) throws {
    let operands = self.operands(builder, block: 0)
    let steps = builder.extent(problem.steps)
    try builder.loop("step", to: steps, step: .integer(tuning.stepsOfBlock)) { step in
      let count = builder.declare("steps", .minimum(.integer(tuning.stepsOfBlock), steps - step))
      try tiles { tile in
        var left = operands.left(tile.row)
        left.origin = builder.declare("origin", left.origin + step * left.step)
        let packed = builder.declare("packed", operands.panel(tile.panel) + step * .integer(width))
        try product.write(
          left, .init(levels: [], length: count), panels: [packed], vectors: shape.vectors, height: tile.height,
          heights: 1...heightLimit
        ) { add($0, to: sums, at: tile.sums, isFirst: .binary(.equal, step, 0), builder) }
      }
    }
    try tiles { tile in
      try epilogue.write(
        builder.pointer("part", into: sums, offset: tile.sums), width: width, row: tile.row, height: tile.height,
        column: builder.declare("column", tile.panel * .integer(width)), columns: builder.extent(problem.columns))
    }
  }

  /// Stores the sums of the first block, and adds those of others to what is there.
  private func add(
    _ parts: [[Variable]], to sums: Buffer, at place: Expression, isFirst: Expression, _ builder: KernelBuilder
  ) {
    let lanes = sink.target.lanes(of: .f32)
    func store(_ value: (Variable, Expression) -> Expression) {
      for (row, vectors) in parts.enumerated() {
        for (part, sum) in vectors.enumerated() {
          let own = place + .integer(row * width + part * lanes)
          builder.store(sums, own, value(sum, own))
        }
      }
    }
    builder.branch(isFirst) {
      store { sum, _ in .variable(sum) }
    } otherwise: {
      store { sum, own in .load(sums, own, lanes: lanes) + .variable(sum) }
    }
  }
}
