import TensorIR
import TensorOps

// Blocks that share a right operand which no near cache holds: the lines of a convolution with many channels. Taken line by line, all
// of its filters would be read from memory for every line; in a band, a panel of filters serves all lines before the next is read.
extension ContractionSchedule {
  /// How many blocks make a band; nil where each is a band of its own.
  var blocksOfBand: Dimension? {
    guard let moved = problem.leftBlock?.constant, let right = (problem.steps * problem.columns).constant,
      let taken = (problem.rows * problem.steps).constant, codes == nil, right > tuning.leastBanded
    else { return nil }
    // Windows that stand apart leave out what lies between them.
    let left = min(moved, taken)
    guard left > 0 else { return nil }
    let most = tuning.bandElements / left
    guard let blocks = problem.blocks.constant else { return most > 1 ? Dimension(most) : nil }
    if min(most, blocks) < 2 { return nil }
    let bands = (blocks + most - 1) / most
    return Dimension((blocks + bands - 1) / bands)
  }

  /// Pieces are (band, panel, block, tile), and each thread has a contiguous range of them.
  func bands(
    _ builder: KernelBuilder, _ writer: TileWriter, _ rows: Expression, _ panels: Expression, _ size: Dimension
  ) throws {
    let cut = self.cut(builder, first: 0, count: rows)
    let (blocks, most) = (builder.extent(problem.blocks), builder.extent(size))
    let ofBlock = builder.declare("pieces", cut.tiles * panels)
    let ofBand = builder.declare("pieces_of_band", most * ofBlock)
    let total = builder.declare("total", blocks * ofBlock)
    let from = builder.declare("from", total * builder.thread / builder.team)
    let to = builder.declare("to", total * (builder.thread + 1) / builder.team)
    try builder.branch(.less(from, to)) {
      try builder.loop("band", from: from / ofBand, to: (to + ofBand - 1) / ofBand) { band in
        let first = builder.declare("first", band * most)
        let count = builder.declare("count", .minimum(most, blocks - first))
        let low = builder.declare("low", .maximum(from - band * ofBand, 0))
        let high = builder.declare("high", .minimum(to - band * ofBand, count * ofBlock))
        let share = builder.declare("share", count * cut.tiles)
        try builder.loop("panel", from: low / share, to: (high + share - 1) / share) { panel in
          let begin = builder.declare("begin", .maximum(low - panel * share, 0))
          let end = builder.declare("end", .minimum(high - panel * share, share))
          let column = builder.declare("column", panel * .integer(width))
          try builder.loop("place", from: begin / cut.tiles, to: (end + cut.tiles - 1) / cut.tiles) { place in
            let block = builder.declare("block", first + place)
            let operands = self.operands(builder, block: block)
            let firstTile = builder.declare("tile_from", .maximum(begin - place * cut.tiles, 0))
            let lastTile = builder.declare("tile_to", .minimum(end - place * cut.tiles, cut.tiles))
            try tiles(
              builder, writer, operands, cut, from: firstTile, to: lastTile,
              builder.declare("first_line", block * rows), column, builder.declare("packed", operands.panel(panel)))
          }
        }
      }
    }
  }
}
