import TensorIR
import TensorOps

// Long sums over a left operand that is read across its rows: the gradient of weights, a sum over all examples. Each step is in
// another line of memory, and soon in another page, so a tile that took all of them would find none again. Steps go by blocks: all
// tiles add theirs to sums in memory before the next block begins. Where blocks begin depends on the shape alone.
extension ContractionSchedule {
  /// Whether sums may be long enough, and the left operand lies so.
  var splitsSteps: Bool {
    let isLong = problem.steps.constant.map { $0 >= leastSplit } ?? true
    let isHigh = problem.rows.constant.map { $0 > TileWriter.fewRows(shape, sink.target) } ?? false
    return isLong && isHigh && problem.blocks == 1 && problem.runs.isEmpty && problem.leftStep != 1 && codes == nil
      && !usesTiles && multiply == .numbers && group.type(of: anchor.results[0]).elementType == .f32
  }

  private var leastSplit: Int { 2 * tuning.stepsOfBlock }

  /// The sums, panel by panel.
  var sumBytes: Dimension {
    problem.columns.ceilingDivided(by: Dimension(width)) * problem.rows * Dimension(width * 4)
  }

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
    let panels = builder.extent(problem.columns.ceilingDivided(by: Dimension(width)))
    let share = builder.share("piece", count: builder.declare("total", cut.tiles * panels))
    let operands = self.operands(builder, block: 0)
    let steps = builder.extent(problem.steps)
    /// Each tile of this thread: its panel, first row, height, and place among the sums.
    func tiles(_ body: (Expression, Expression, Expression, Expression) throws -> Void) throws {
      try builder.loop("panel", from: share.from / cut.tiles, to: (share.to + cut.tiles - 1) / cut.tiles) { panel in
        let first = builder.declare("tile_from", .maximum(share.from - panel * cut.tiles, 0))
        let last = builder.declare("tile_to", .minimum(share.to - panel * cut.tiles, cut.tiles))
        try cut.loop(builder, from: first, to: last) { row, height in
          try body(panel, row, height, builder.declare("sums_from", (panel * rows + row) * .integer(width)))
        }
      }
    }
    try builder.branch(.less(share.from, share.to)) {
      try builder.loop("step", to: steps, step: .integer(tuning.stepsOfBlock)) { step in
        let count = builder.declare("steps", .minimum(.integer(tuning.stepsOfBlock), steps - step))
        try tiles { panel, row, height, place in
          var left = operands.left(row)
          left.origin = builder.declare("origin", left.origin + step * left.step)
          let packed = builder.declare("packed", operands.panel(panel) + step * .integer(width))
          try product.write(
            left, .init(levels: [], length: count), panels: [packed], vectors: shape.vectors, height: height,
            heights: 1...heightLimit
          ) { add($0, to: sums, at: place, isFirst: .binary(.equal, step, 0), builder) }
        }
      }
      try tiles { panel, row, height, place in
        try epilogue.write(
          builder.pointer("part", into: sums, offset: place), width: width, row: row, height: height,
          column: builder.declare("column", panel * .integer(width)), columns: builder.extent(problem.columns))
      }
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
