import TensorIR
import TensorOps

/// A convolution in which each channel has one filter, channels innermost: blocks of channels outermost, so that the rows a
/// window shares stay in the first-level cache, then output rows, then tiles of pixels.
///
/// A sum is taken in the order of the window in every tile, so how the work is divided does not change a bit.
struct DepthwiseSchedule {
  let op: Convolution
  let group: Group
  let anchor: Operation
  let sink: any KernelSink
  private let x: ValueID
  private let w: ValueID
  /// The window's extents: rows and taps; one row where there is one axis.
  private let rowCount: Int
  private let taps: Int

  /// Nil where this is not such a convolution, or its window is not known.
  init?(_ op: Convolution, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) {
    guard let x = anchor.operands[0], let w = anchor.operands[1], anchor.operands.count == 2 else { return nil }
    let (xType, wType, result) = (group.type(of: x), group.type(of: w), group.type(of: anchor.results[0]))
    let axes = op.strides.count
    let kernel = wType.shape.dropFirst(2).compactMap(\.constant)
    guard (1...2).contains(axes), kernel.count == axes, let taps = kernel.last,
      (1...sink.target.tuning.depthwise.mostTaps).contains(taps), op.isDepthwise(xType, wType),
      xType.layout == .channelsLast(rank: xType.rank),
      result.layout == .channelsLast(rank: result.rank),
      wType.layout == Layout(order: Array(2..<wType.rank) + [1, 0])
    else { return nil }
    (self.op, self.group, self.anchor, self.sink, self.x, self.w) = (op, group, anchor, sink, x, w)
    (rowCount, self.taps) = (axes == 2 ? kernel[0] : 1, taps)
  }

  private var xType: TensorType { group.type(of: x) }
  private var result: TensorType { group.type(of: anchor.results[0]) }
  private var lanes: Int { sink.target.lanes(of: result.elementType) }
  private var height: Dimension { xType.rank == 4 ? xType.shape[2] : 1 }
  private var width: Dimension { xType.shape[xType.rank - 1] }
  private var outputHeight: Dimension { result.rank == 4 ? result.shape[2] : 1 }
  private var outputWidth: Dimension { result.shape[result.rank - 1] }
  private var channels: Dimension { result.shape[1] }

  func lower() throws {
    let element = result.elementType
    let kernel = try AnchoredKernel(
      group, anchor, sink,
      operands: [("x", element, try sink.buffer(of: x)), ("w", element, try sink.buffer(of: w))])
    let builder = kernel.builder
    let tile = DepthwiseTile(
      builder: builder, op: op, taps: taps, channels: builder.extent(channels), element: element, lanes: lanes,
      input: kernel.operands[0], filters: kernel.operands[1])
    let line = DepthwiseLine(
      tile: tile, epilogue: kernel.epilogue, width: width, outputWidth: outputWidth, channelCount: channels)
    try divided(builder) { row, from, to in
      let (rows, image) = window(builder, row)
      try line.write(rows: rows, image: image, first: row * builder.extent(outputWidth), channels: (from, to))
    }
    kernel.finish(work: result.count * Dimension(rowCount * taps))
  }

  /// Threads divide output rows if there are enough, blocks of channels otherwise.
  private func divided(
    _ builder: KernelBuilder, _ body: (_ row: Expression, _ from: Expression, _ to: Expression) throws -> Void
  ) throws {
    let size = Expression.integer(sink.target.tuning.depthwise.vectorsPerBlock * lanes)
    let rows = builder.extent(result.shape[0] * outputHeight)
    let vectors = builder.declare("vectors", (builder.extent(channels) + .integer(lanes - 1)) / .integer(lanes))
    let many = builder.declare("many", .binary(.greaterEqual, rows, .integer(16) * builder.team))
    let rowFrom = builder.declare("row_from", .select(many, rows * builder.thread / builder.team, 0))
    let rowTo = builder.declare("row_to", .select(many, rows * (builder.thread + 1) / builder.team, rows))
    let from = builder.declare("vector_from", .select(many, 0, vectors * builder.thread / builder.team))
    let to = builder.declare("vector_to", .select(many, vectors, vectors * (builder.thread + 1) / builder.team))
    let end = builder.declare("channel_to", .minimum(to * .integer(lanes), builder.extent(channels)))
    try builder.loop("block", from: from * .integer(lanes), to: end, step: size) { block in
      let last = builder.declare("block_to", .minimum(block + size, end))
      try builder.loop("row", from: rowFrom, to: rowTo) { row in try body(row, block, last) }
    }
  }

  /// The rows of the window inside the image, and where row 0 of it begins, which may lie above the image.
  private func window(_ builder: KernelBuilder, _ row: Expression) -> (DepthwiseTile.Rows, Expression) {
    let line = builder.declare("input_line", builder.extent(width) * builder.extent(channels))
    guard xType.rank == 4 else {
      return (.init(low: 0, high: 1, distance: line), builder.declare("image", row * line))
    }
    let dilation = Expression.integer(op.dilations[0])
    let places = LoopNest.positions(builder, row, [result.shape[0], outputHeight])
    let top = builder.declare("top", places[1] * .integer(op.strides[0]) - .integer(op.before[0]))
    let low = builder.declare("low", .maximum((dilation - 1 - top) / dilation, 0))
    let rest = Expression.maximum(builder.extent(height) - top, 0)
    let high = builder.declare("high", .minimum((rest + (dilation - 1)) / dilation, .integer(rowCount)))
    let image = builder.declare("image", (places[0] * builder.extent(height) + top) * line)
    return (.init(low: low, high: high, distance: dilation * line), image)
  }
}
