import TensorIR

/// A range of rows, cut into tiles of nearly equal height.
struct TileRows {
  var first: Expression
  var tiles: Expression
  private var base: Expression
  private var extra: Expression

  /// - Parameter tallest: the most rows of a tile.
  init(_ builder: KernelBuilder, first: Expression = 0, count: Expression, tallest: Int) {
    let size = Expression.integer(tallest)
    let number = builder.declare("rows", count)
    self.first = first
    tiles = builder.declare("tiles", .maximum((number + (size - 1)) / size, 1))
    base = builder.declare("base", number / tiles)
    extra = builder.declare("extra", number % tiles)
  }

  /// The tiles from … to: where each begins, and how high it is.
  func loop(
    _ builder: KernelBuilder, from: Expression = 0, to: Expression? = nil,
    _ body: (_ row: Expression, _ height: Expression) throws -> Void
  ) rethrows {
    try builder.loop("t", from: from, to: to ?? tiles) { t in
      let height = builder.declare("height", base + .select(.less(t, extra), 1, 0))
      try body(builder.declare("row", row(of: t)), height)
    }
  }

  /// Where a tile begins.
  func row(of tile: Expression) -> Expression { first + tile * base + .minimum(tile, extra) }
}
