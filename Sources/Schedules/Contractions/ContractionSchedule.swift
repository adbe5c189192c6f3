import TensorIR
import TensorOps

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
  /// How much of the left operand each block reads that the one before did not; nil where blocks have right operands of their own.
  var leftBlock: Dimension?
  /// The steps are runs of `runLength`, nested: how often, and how far the left operand moves each time.
  var runs: [(count: Dimension, offset: Dimension)] = []
  var runLength: Dimension
  /// How many products stand side by side in the columns of the result, each with operands of its own: the groups of a
  /// convolution. Blocks are numbered group by group for the same rows.
  var groups = 1

  /// All steps of a sum.
  var steps: Dimension { runs.reduce(runLength) { $0 * $1.count } }

  /// The same product for each of several groups, of which this one has all columns.
  ///
  /// - Parameters:
  ///   - leftGroup: how far the left operands of two groups lie apart.
  ///   - width: the columns of a panel; those of a group begin with a panel of their own.
  func divided(into groups: Int, leftGroup: Dimension, width: Int) -> ContractionProblem {
    if groups == 1 { return self }
    var result = self
    result.groups = groups
    result.blocks = blocks * Dimension(groups)
    result.leftBlock = nil
    result.columns = columns.floorDivided(by: Dimension(groups))
    let panels = result.columns.ceilingDivided(by: Dimension(width)) * Dimension(width) * steps
    result.leftOrigin = { [leftOrigin] builder, block in
      let (outer, group) = ContractionProblem.parts(of: block, groups, builder)
      return leftOrigin(builder, outer) + group * builder.extent(leftGroup)
    }
    result.rightOrigin = { builder, block in
      ContractionProblem.parts(of: block, groups, builder).group * builder.extent(panels)
    }
    return result
  }

  /// The number of a block among those of a group, and the group.
  static func parts(
    of block: Expression, _ groups: Int, _ builder: KernelBuilder
  ) -> (outer: Expression, group: Expression) {
    if groups == 1 { return (block, 0) }
    let count = builder.extent(Dimension(groups))
    return (block / count, block % count)
  }
}

/// Writes a matrix product with packed right operand and the operations behind it: what `matmul` and `convolution` share.
///
/// Sums are split by their length alone, if at all, so how rows and panels are divided between threads does not change a bit.
struct ContractionSchedule {
  let group: Group
  let anchor: Operation
  let sink: any KernelSink
  /// The operands as they lie in memory, and as what the kernel reads them.
  let left: (memory: BufferReference, element: ElementType)
  let right: (memory: BufferReference, element: ElementType)
  let problem: ContractionProblem
  let multiply: Multiplication
  /// The tile of sums, where it is not the one for all products of a kind.
  var shape: TileShape
  /// Where the right operand is codes, what they stand for.
  var codes: Codes?

  init(
    group: Group, anchor: Operation, sink: any KernelSink, left: (memory: BufferReference, element: ElementType),
    right: (memory: BufferReference, element: ElementType), problem: ContractionProblem,
    multiply: Multiplication = .numbers
  ) {
    (self.group, self.anchor, self.sink, self.left, self.right) = (group, anchor, sink, left, right)
    (self.problem, self.multiply) = (problem, multiply)
    shape = multiply.shape(sink.target)
  }

  /// Codes of few bits in blocks, and where their scales lie.
  struct Codes {
    var bits: Int
    var block: Int
    var factors: [BufferReference]
  }

  private var result: TensorType { group.type(of: anchor.results[0]) }
  private var target: Target { sink.target }
  var tuning: Tuning.Products { target.tuning.products }
  private var usesTiles: Bool { multiply == .halves && target.hasTiles }
  /// The most rows of a tile.
  var tallest: Int { usesTiles ? TileMultiplication.mostRows : shape.rows }
  var width: Int { shape.columns(target, result.elementType) }

  func lower() throws {
    let element = result.elementType
    let kernel = try AnchoredKernel(
      group, anchor, sink,
      operands: [("a", left.element, left.memory), ("b", right.element, right.memory)]
        + (codes?.factors ?? []).enumerated().map { ("f\($0.offset)", .f32, $0.element) },
      scratch: scratch)
    // Extents are passed, however small: layers of other sizes share the kernel.
    kernel.builder.largestLiteral = 1
    let product = TileProduct(
      builder: kernel.builder, target: target, shape: shape, element: element, left: kernel.operands[0],
      right: (codes == nil ? nil : kernel.scratch) ?? kernel.operands[1], multiply: multiply)
    var writer = TileWriter(product, kernel.epilogue, columns: problem.columns)
    if usesTiles {
      let tiles = TileRegisters(
        kernel.builder, target, shape, left: kernel.operands[0], right: kernel.operands[1])
      writer = TileWriter(tiles, kernel.epilogue, columns: problem.columns)
      writer.few = { TileWriter(product, kernel.epilogue, columns: problem.columns) }
    }
    if splitsSteps, let sums = kernel.scratch {
      try splitSteps(kernel.builder, product, kernel.epilogue, sums: sums) { try loops(kernel.builder, writer) }
      return kernel.finish(work: work)
    }
    if let codes, let weights = kernel.scratch {
      let product = CodeProduct(
        builder: kernel.builder, target: target, shape: shape, left: kernel.operands[0], right: kernel.operands[1],
        factors: Array(kernel.operands.dropFirst(2)), bits: codes.bits, block: codes.block)
      let blocks = problem.runs.reduce(Dimension(1)) { $0 * $1.count }
      writer.few = { TileWriter(product, kernel.epilogue, columns: problem.columns) }
      writer.unpacked = TileWriter.Unpacked(
        length: kernel.builder.extent(blocks * Dimension(codes.block))
      ) { product.unpack(panel: $0, blocks: kernel.builder.extent(blocks), into: weights) }
    }
    try loops(kernel.builder, writer)
    kernel.finish(work: work)
  }

  private var work: Dimension { problem.blocks * problem.rows * problem.columns * problem.steps }

  /// Panels of numbers that codes stand for, or sums that are not finished.
  private var scratch: (name: String, element: ElementType, memory: BufferReference)? {
    if splitsSteps { return ("sums", .f32, sink.scratch("sums", bytes: sumBytes, perThread: true)) }
    return codes.map { ("weights", .f32, sink.scratch("weights", bytes: panelBytes($0), perThread: true)) }
  }

  /// What a panel takes whose codes are numbers.
  private func panelBytes(_ codes: Codes) -> Dimension {
    problem.runs.reduce(Dimension(codes.block * width * 4)) { $0 * $1.count }
  }

  // MARK: Dividing the work

  private func loops(_ builder: KernelBuilder, _ writer: TileWriter) throws {
    let panels = builder.extent(problem.columns.ceilingDivided(by: Dimension(width)))
    let rows = builder.extent(problem.rows)
    if problem.blocks == 1 { return try single(builder, writer, rows, panels) }
    if let size = blocksOfBand { return try bands(builder, writer, rows, panels, size) }
    // Many products: pieces are (block, panel, tile), and each thread has a contiguous range of them.
    let cut = self.cut(builder, first: 0, count: rows)
    // A block without rows has a tile of none, which must not run.
    let tiles = Expression.select(.less(0, rows), cut.tiles, 0)
    let pieces = builder.declare("pieces", (problem.rows.constant ?? 0) > 0 ? cut.tiles * panels : tiles * panels)
    let total = builder.declare("total", builder.extent(problem.blocks) * pieces)
    let from = builder.declare("from", total * builder.thread / builder.team)
    let to = builder.declare("to", total * (builder.thread + 1) / builder.team)
    try builder.branch(.less(from, to)) {
      try builder.loop("block", from: from / pieces, to: (to + pieces - 1) / pieces) { block in
        let low = builder.declare("low", .maximum(from - block * pieces, 0))
        let high = builder.declare("high", .minimum(to - block * pieces, pieces))
        let (outer, group) = ContractionProblem.parts(of: block, problem.groups, builder)
        let firstLine = builder.declare("first_line", outer * rows)
        var writer = writer
        if problem.groups > 1 {
          writer.firstColumn = builder.declare("first_column", group * builder.extent(problem.columns))
        }
        try self.pieces(builder, writer, block: block, firstLine: firstLine, cut, low: low, high: high)
      }
    }
  }

  /// One product: with few rows threads divide pairs of panels; otherwise rows if there are enough, else pieces.
  private func single(
    _ builder: KernelBuilder, _ writer: TileWriter, _ rows: Expression, _ panels: Expression
  ) throws {
    let few = TileWriter.fewRows(shape, target)
    if let count = problem.rows.constant {
      return count <= few ? try pairs(builder, writer, rows, panels) : try many(builder, writer, rows, panels)
    }
    // Without rows either does nothing; so the code for few goes where no layer has few, though it may have none.
    let areFew = Expression.binary(.logicalAnd, .less(0, rows), .binary(.lessEqual, rows, .integer(few)))
    try builder.branch(areFew) {
      try pairs(builder, writer, rows, panels)
    } otherwise: {
      try many(builder, writer, rows, panels)
    }
  }

  private func many(
    _ builder: KernelBuilder, _ writer: TileWriter, _ rows: Expression, _ panels: Expression
  ) throws {
    let many = builder.declare("many", .binary(.greaterEqual, rows, .integer(tuning.rowsOfThread) * builder.team))
    let from = builder.declare("row_from", .select(many, rows * builder.thread / builder.team, 0))
    let to = builder.declare("row_to", .select(many, rows * (builder.thread + 1) / builder.team, rows))
    // So many rows of the left operand that every panel finds them in the cache again.
    let steps = builder.extent(problem.steps)
    let most = builder.declare(
      "most", .maximum(.integer(tuning.leftElements) / .maximum(steps, 1), .integer(tuning.fewestTiles * tallest)))
    try builder.loop("start", from: from, to: to, step: most) { start in
      let cut = self.cut(builder, first: start, count: .minimum(most, to - start))
      let total = builder.declare("total", cut.tiles * panels)
      let low = builder.declare("low", .select(many, 0, total * builder.thread / builder.team))
      let high = builder.declare("high", .select(many, total, total * (builder.thread + 1) / builder.team))
      try pieces(builder, writer, block: 0, firstLine: 0, cut, low: low, high: high)
    }
  }

  /// All rows are one tile; its sums are too few for one panel to keep the units busy, so it covers several.
  private func pairs(
    _ builder: KernelBuilder, _ writer: TileWriter, _ rows: Expression, _ panels: Expression
  ) throws {
    let size = tuning.panelsOfFewRows
    let operands = self.operands(builder, block: 0)
    let writer = writer.few?() ?? writer
    let heights = 1...(problem.rows.constant.map { max($0, 1) } ?? TileWriter.fewRows(shape, target))
    let panel = operands.panel
    try builder.branch(.less(0, rows)) {
      try builder.parallel("pair", count: (panels + .integer(size - 1)) / .integer(size)) { pair in
        let first = builder.declare("panel", pair * .integer(size))
        var place = TileWriter.Place(
          left: operands.left(0), runs: operands.runs, row: 0, height: rows,
          heights: problem.rows.constant == nil ? heights : heights.upperBound...heights.upperBound,
          column: builder.declare("column", first * .integer(width)), panels: [])
        let starts = (0..<size).map { panel(first + .integer($0)) }
        try builder.branch(.binary(.lessEqual, first + .integer(size), panels)) {
          place.panels = starts.map { builder.declare("packed", $0) }
          try writer.write(place)
        } otherwise: {
          place.panels = [builder.declare("packed", starts[0])]
          try writer.write(place)
        }
      }
    }
  }

  /// The pieces low … high of a range of rows, panel by panel.
  private func pieces(
    _ builder: KernelBuilder, _ writer: TileWriter, block: Expression, firstLine: Expression, _ rows: TileRows,
    low: Expression, high: Expression
  ) throws {
    var operands = self.operands(builder, block: block)
    let unpacked = writer.unpacked
    if let unpacked { operands.runs = .init(levels: [], length: unpacked.length) }
    try panels(builder, rows, low: low, high: high) { panel, first, last in
      var packed = builder.declare("packed", operands.panel(panel))
      if let unpacked {
        unpacked.write(packed)
        packed = 0
      }
      let column = builder.declare("column", panel * .integer(width))
      try tiles(builder, writer, operands, rows, from: first, to: last, firstLine, column, packed)
    }
  }
}
