import TensorIR

/// What a matrix product multiplies and where that lies. The result is blocks × rows × columns, row-major in memory.
struct ContractionProblem {
  /// Independent products: batches of a matmul, output rows of a convolution.
  var blocks: Dimension
  var rows: Dimension
  var columns: Dimension
  /// The offset of a block in the left operand.
  var leftOrigin: (KernelBuilder, Expression) -> Expression
  /// The offset of a block in the packed right operand.
  var rightOrigin: (KernelBuilder, Expression) -> Expression
  /// Distances in the left operand from row to row and from step to step.
  var leftRow: Dimension
  var leftStep: Dimension
  /// The steps are runs of `runLength`, nested: how often, and how far the left operand moves each time.
  var runs: [(count: Dimension, offset: Dimension)] = []
  var runLength: Dimension

  /// All steps of a sum.
  var steps: Dimension { runs.reduce(runLength) { $0 * $1.count } }
}

/// Writes a matrix product with packed right operand and the operations behind it: what `matmul` and `convolution` share.
///
/// No sum is split, so how rows and panels are divided between threads does not change a bit.
struct ContractionSchedule {
  let group: Group
  let anchor: Operation
  let sink: any KernelSink
  let left: ValueID
  let right: BufferReference
  let problem: ContractionProblem

  private var result: TensorType { group.type(of: anchor.results[0]) }
  private var target: Target { sink.target }
  private var shape: TileShape { TileShape.matmul(target) }
  private var width: Int { shape.columns(target, result.elementType) }

  func lower() throws {
    let builder = KernelBuilder(name: group.name, comments: group.comments)
    let evaluator = ElementEvaluator(group, builder, target)
    let element = result.elementType
    let a = builder.parameter("a", group.type(of: left).elementType, .read)
    let b = builder.parameter("b", element, .read)
    var buffers = [try sink.buffer(of: left), right]
    let behind = group.operationsBehind(anchor).flatMap { $0.operands.compactMap { $0 } }
    for leaf in group.leaves where behind.contains(leaf) {
      evaluator.bind(leaf, to: builder.parameter("x\(buffers.count)", group.type(of: leaf).elementType, .read))
      buffers.append(try sink.buffer(of: leaf))
    }
    var results: [(ValueID, Buffer)] = []
    for id in group.outputs {
      results.append((id, builder.parameter("y\(results.count)", group.type(of: id).elementType, .write)))
      buffers.append(try sink.buffer(of: id))
    }
    let tile = builder.array("tile", element.computeType, count: shape.rows * width)
    let product = TileProduct(
      builder: builder, target: target, shape: shape, element: element, tile: tile, left: a, right: b)
    let epilogue = Epilogue(group, anchor, evaluator, tile: tile, width: width)
    try loops(builder, product) { row, height, column in
      try epilogue.write(
        results, row: row, height: height, column: column, columns: builder.extent(problem.columns))
    }
    let work = problem.blocks * problem.rows * problem.columns * problem.steps
    sink.call(builder, buffers: buffers, work: work, at: group.location)
  }

  // MARK: Dividing the work

  private typealias TileBody = (_ row: Expression, _ height: Expression, _ column: Expression) throws -> Void

  /// A range of rows, cut into tiles of nearly equal height.
  private struct Rows {
    var first: Expression
    var count: Expression
    var tiles: Expression
    var base: Expression
    var extra: Expression
  }

  private func loops(_ builder: KernelBuilder, _ product: TileProduct, _ body: TileBody) throws {
    let panels = builder.extent(problem.columns.ceilingDivided(by: Dimension(width)))
    let rows = builder.extent(problem.rows)
    if problem.blocks == 1 { return try single(builder, product, rows, panels, body) }
    // Many products: pieces are (block, panel, tile), and each thread has a contiguous range of them.
    let cut = self.cut(builder, first: 0, count: rows)
    let pieces = builder.declare("pieces", cut.tiles * panels)
    let total = builder.declare("total", builder.extent(problem.blocks) * pieces)
    let from = builder.declare("from", total * builder.thread / builder.team)
    let to = builder.declare("to", total * (builder.thread + 1) / builder.team)
    try builder.branch(.less(from, to)) {
      try builder.loop("block", from: from / pieces, to: (to + pieces - 1) / pieces) { block in
        let low = builder.declare("low", .maximum(from - block * pieces, 0))
        let high = builder.declare("high", .minimum(to - block * pieces, pieces))
        let firstLine = builder.declare("first_line", block * rows)
        try self.pieces(builder, product, block: block, cut, low: low, high: high) { row, height, column in
          try body(firstLine + row, height, column)
        }
      }
    }
  }

  /// One product: threads divide its rows if there are enough, its pieces otherwise.
  private func single(
    _ builder: KernelBuilder, _ product: TileProduct, _ rows: Expression, _ panels: Expression, _ body: TileBody
  ) throws {
    let many = builder.declare("many", .binary(.greaterEqual, rows, .integer(16) * builder.team))
    let from = builder.declare("row_from", .select(many, rows * builder.thread / builder.team, 0))
    let to = builder.declare("row_to", .select(many, rows * (builder.thread + 1) / builder.team, rows))
    // So many rows of the left operand that every panel finds them in the cache again.
    let steps = builder.extent(problem.steps)
    let most = builder.declare("most", .maximum(.integer(1 << 19) / .maximum(steps, 1), .integer(16 * shape.rows)))
    try builder.loop("start", from: from, to: to, step: most) { start in
      let cut = self.cut(builder, first: start, count: .minimum(most, to - start))
      let total = builder.declare("total", cut.tiles * panels)
      let low = builder.declare("low", .select(many, 0, total * builder.thread / builder.team))
      let high = builder.declare("high", .select(many, total, total * (builder.thread + 1) / builder.team))
      try pieces(builder, product, block: 0, cut, low: low, high: high, body)
    }
  }

  private func cut(_ builder: KernelBuilder, first: Expression, count: Expression) -> Rows {
    let size = Expression.integer(shape.rows)
    let number = builder.declare("rows", count)
    let tiles = builder.declare("tiles", .maximum((number + (size - 1)) / size, 1))
    return Rows(
      first: first, count: number, tiles: tiles, base: builder.declare("base", number / tiles),
      extra: builder.declare("extra", number % tiles))
  }

  /// The pieces low … high of a range of rows, panel by panel.
  private func pieces(
    _ builder: KernelBuilder, _ product: TileProduct, block: Expression, _ rows: Rows, low: Expression, high: Expression,
    _ body: TileBody
  ) throws {
    let steps = builder.extent(problem.steps)
    let columns = builder.extent(problem.columns)
    let leftRow = builder.extent(problem.leftRow)
    let leftOrigin = builder.declare("left", problem.leftOrigin(builder, block))
    let rightOrigin = builder.declare("right", problem.rightOrigin(builder, block))
    try builder.loop("panel", from: low / rows.tiles, to: (high + rows.tiles - 1) / rows.tiles) { panel in
      let packed = builder.declare("packed", rightOrigin + panel * steps * .integer(width))
      let column = builder.declare("column", panel * .integer(width))
      let first = builder.declare("tile_from", .maximum(low - panel * rows.tiles, 0))
      let last = builder.declare("tile_to", .minimum(high - panel * rows.tiles, rows.tiles))
      try builder.loop("t", from: first, to: last) { t in
        let height = builder.declare("height", rows.base + .select(.less(t, rows.extra), 1, 0))
        let row = builder.declare("row", rows.first + t * rows.base + .minimum(t, rows.extra))
        let origin = builder.declare("origin", leftOrigin + row * leftRow)
        product.write(
          .init(origin: origin, row: leftRow, step: builder.extent(problem.leftStep)),
          .init(
            levels: problem.runs.map { (builder.extent($0.count), builder.extent($0.offset)) },
            length: builder.extent(problem.runLength)),
          panel: packed, height: height, columns: columns - column)
        try body(row, height, column)
      }
    }
  }
}
