import TensorIR

/// Writes a matrix product with packed right operand and the operations behind it: what `matmul` and `convolution` share.
///
/// The result is seen as blocks × rows × columns, row-major in memory. No sum is split, so how rows and panels are divided
/// between threads does not change a bit.
struct ContractionSchedule {
  let group: Group
  let anchor: Operation
  let sink: any KernelSink

  /// What is multiplied and where it lies.
  struct Problem {
    /// Independent products: batches of a matmul, output rows of a convolution.
    var blocks: Dimension
    var rows: Dimension
    var columns: Dimension
    /// The offsets of a block in the left and in the packed right operand.
    var leftOrigin: (KernelBuilder, Expression) -> Expression
    var rightOrigin: (KernelBuilder, Expression) -> Expression
    var leftRow: Dimension
    var leftStep: Dimension
    /// Runs of contiguous steps, the distance between them, and the length of one.
    var runs: Dimension
    var runOffset: Dimension
    var runLength: Dimension
  }

  let left: ValueID
  let right: BufferReference
  let problem: Problem

  private var result: TensorType { group.type(of: anchor.results[0]) }
  private var target: Target { sink.target }

  func lower() throws {
    let builder = KernelBuilder(name: group.name, comments: group.comments)
    let evaluator = ElementEvaluator(group, builder, target)
    let element = result.elementType
    let a = builder.parameter("a", group.type(of: left).elementType, .read)
    let b = builder.parameter("b", element, .read)
    var buffers = [try sink.buffer(of: left), right]
    for leaf in group.leavesNeeded(by: behindAnchor) {
      evaluator.bind(leaf, to: builder.parameter("x\(buffers.count)", group.type(of: leaf).elementType, .read))
      buffers.append(try sink.buffer(of: leaf))
    }
    var results: [(ValueID, Buffer)] = []
    for id in group.outputs {
      results.append((id, builder.parameter("y\(results.count)", group.type(of: id).elementType, .write)))
      buffers.append(try sink.buffer(of: id))
    }
    let shape = TileShape.matmul(target)
    let tile = builder.array("tile", element.computeType, count: shape.rows * shape.columns(target, element))
    let product = TileProduct(
      builder: builder, target: target, shape: shape, element: element, tile: tile, left: a, right: b)
    try loops(builder, product) { row, height, column in
      try Epilogue(group: group, anchor: anchor, evaluator: evaluator, tile: tile, shape: shape)
        .write(results, row: row, height: height, column: column, columns: builder.extent(problem.columns))
    }
    let steps = problem.runs * problem.runLength
    sink.call(
      builder, buffers: buffers, work: problem.blocks * problem.rows * problem.columns * steps, at: group.location)
  }

  /// The values that the operations behind the anchor read.
  private var behindAnchor: [ValueID] {
    group.operations.filter { $0.results != anchor.results && $0.op is any ElementOp }.flatMap { $0.operands.compactMap { $0 } }
  }

  /// Divides the work: rows between threads where there are enough of them, panels otherwise.
  private func loops(
    _ builder: KernelBuilder, _ product: TileProduct,
    _ epilogue: (_ row: Expression, _ height: Expression, _ column: Expression) throws -> Void
  ) throws {
    let width = product.shape.columns(target, result.elementType)
    let rows = builder.extent(problem.rows)
    let panels = builder.extent(problem.columns.ceilingDivided(by: Dimension(width)))
    let units = builder.extent(problem.blocks)
    let many = builder.declare(
      "many", .binary(.greaterEqual, units * rows, .integer(2 * product.shape.rows) * builder.team))
    func share(_ count: Expression, _ name: String, when: Expression) -> (Expression, Expression) {
      let from = builder.declare("\(name)_from", .select(when, count * builder.thread / builder.team, 0))
      let to = builder.declare("\(name)_to", .select(when, count * (builder.thread + 1) / builder.team, count))
      return (from, to)
    }
    // Rows of all blocks are one range, so that few long blocks and many short ones divide alike.
    let (rowFrom, rowTo) = share(units * rows, "row", when: many)
    let (panelFrom, panelTo) = share(panels, "panel", when: .unary(.logicalNot, many))
    let steps = builder.declare("steps", builder.extent(problem.runs) * builder.extent(problem.runLength))
    let chunk = builder.declare("chunk", rowsInCache(builder, product, steps))
    let start = builder.mutable("start", rowFrom)
    builder.emit(
      .whileLoop(
        .less(.variable(start), rowTo),
        try builder.block {
          let block = builder.declare("block", problem.blocks == 1 ? 0 : .variable(start) / rows)
          let inBlock = builder.declare("in_block", .variable(start) - block * rows)
          let end = builder.declare(
            "end", .minimum(.minimum(rowTo, (block + 1) * rows), .variable(start) + chunk))
          let count = builder.declare("count", end - .variable(start))
          try builder.loop("panel", from: panelFrom, to: panelTo) { panel in
            try tiles(builder, product, block, inBlock, count, panel, steps, width) { row, height, column in
              try epilogue(block * rows + row, height, column)
            }
          }
          builder.assign(start, end)
        }))
  }

  /// As many rows of the left operand as a part of the second-level cache holds, so that panels meet them there.
  private func rowsInCache(_ builder: KernelBuilder, _ product: TileProduct, _ steps: Expression) -> Expression {
    let most = Expression.integer(64 * 1024) / .maximum(steps, 1)
    return .maximum(most / .integer(product.shape.rows), 1) * .integer(product.shape.rows)
  }

  /// The tiles of some rows and one panel; heights are as equal as can be.
  private func tiles(
    _ builder: KernelBuilder, _ product: TileProduct, _ block: Expression, _ first: Expression, _ count: Expression,
    _ panel: Expression, _ steps: Expression, _ width: Int,
    _ epilogue: (_ row: Expression, _ height: Expression, _ column: Expression) throws -> Void
  ) throws {
    let size = product.shape.rows
    let number = builder.declare("tiles", (count + .integer(size - 1)) / .integer(size))
    let packed = builder.declare(
      "packed", problem.rightOrigin(builder, block) + panel * steps * .integer(width))
    let column = builder.declare("column", panel * .integer(width))
    try builder.loop("t", to: number) { t in
      let from = builder.declare("from", count * t / number)
      let height = builder.declare("height", count * (t + 1) / number - from)
      let row = builder.declare("row", first + from)
      let leftRow = builder.extent(problem.leftRow)
      let origin = builder.declare("origin", problem.leftOrigin(builder, block) + row * leftRow)
      product.write(
        .init(origin: origin, row: leftRow, step: builder.extent(problem.leftStep)),
        .init(
          count: builder.extent(problem.runs), offset: builder.extent(problem.runOffset),
          length: builder.extent(problem.runLength)),
        panel: packed, height: height, columns: builder.extent(problem.columns) - column)
      try epilogue(row, height, column)
    }
  }
}
