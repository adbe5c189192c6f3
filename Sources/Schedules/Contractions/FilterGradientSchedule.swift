import TensorIR
import TensorOps

/// Writes the sums of a ``FilterGradient``: for a part of the lines, chunk after chunk of them that stays in the nearest cache, and for each
/// channel and line of taps the product of what the taps read by the cotangent, which is read as it lies.
///
/// Parts and chunks are what shapes say, so the number of threads changes no bit.
struct FilterGradientSchedule {
  let op: FilterGradient
  let group: Group
  let sink: any KernelSink
  let builder: KernelBuilder
  let types: (x: TensorType, cotangent: TensorType, result: TensorType)
  let shape: TileShape
  let memory: (x: Buffer, cotangent: Buffer, sums: Buffer)
  private let buffers: [BufferReference]

  init(_ op: FilterGradient, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) throws {
    guard let x = anchor.operands[0], let cotangent = anchor.operands[1] else {
      throw Diagnostic("internal", "'\(op.name)' without operands")
    }
    (self.op, self.group, self.sink, shape) = (op, group, sink, TileShape.matmul(sink.target))
    types = (group.type(of: x), group.type(of: cotangent), group.type(of: anchor.results[0]))
    let element = types.result.elementType
    builder = KernelBuilder(name: group.name, comments: group.comments, for: sink.target)
    builder.largestLiteral = 1
    memory = (
      builder.parameter("x", element, .read), builder.parameter("cotangent", element, .read),
      builder.parameter("sums", element, .update)
    )
    buffers = [
      try sink.buffer(of: x), try sink.buffer(of: cotangent), try sink.buffer(of: anchor.results[0]),
    ]
  }

  private var element: ElementType { types.result.elementType }
  private var lanes: Int { sink.target.lanes(of: element) }
  private var width: Int { shape.columns(sink.target, element) }
  private var filters: Expression { builder.extent(types.cotangent.shape[1]) }
  private var sums: SumsInMemory {
    SumsInMemory(builder: builder, memory: memory.sums, element: element, lanes: lanes, stride: filters)
  }

  /// Lines of a chunk: a quarter of the nearest cache of the cotangent, or one.
  private var lines: Int {
    let line = types.cotangent.shape[3] * types.cotangent.shape[1]
    let most = sink.target.tuning.rows.blockBytes * 2 * 8 / element.bitWidth
    return max(most / max(line.constant ?? most, 1), 1)
  }

  func lower() throws {
    let height = builder.extent(types.cotangent.shape[2])
    let all = builder.declare("all", builder.extent(types.cotangent.shape[0] * types.cotangent.shape[2]))
    let rows = builder.extent(types.result.shape[1])
    let parts = builder.extent(Dimension(op.parts))
    try builder.parallel("part", count: parts) { part in
      let origin = builder.declare("origin", part * rows * filters)
      sums.clear(from: origin, rows: rows, columns: filters)
      let first = builder.declare("first", all * part / parts)
      let end = builder.declare("end", all * (part + 1) / parts)
      // Lines of an image, as many as belong to the part.
      try builder.branch(.less(first, end)) {
        try builder.loop("image", from: first / height, to: (end + height - 1) / height) { image in
          let low = builder.declare("low", .maximum(first - image * height, 0))
          let high = builder.declare("high", .minimum(end - image * height, height))
          try builder.loop("line", from: low, to: high, step: .integer(lines)) { line in
            try chunk(image, line, builder.declare("count", .minimum(high - line, .integer(lines))), origin)
          }
        }
      }
    }
    let work = types.cotangent.count * types.result.shape[1]
    sink.call(builder, buffers: buffers, work: work, at: group.location)
  }

  /// Adds what some lines of an image give.
  private func chunk(_ image: Expression, _ line: Expression, _ count: Expression, _ origin: Expression) throws {
    let (x, y) = (types.x.shape, types.cotangent.shape)
    let (height, width) = (builder.extent(x[2]), builder.extent(x[3]))
    let right = builder.declare(
      "cotangents", (image * builder.extent(y[2]) + line) * builder.extent(y[3]) * filters)
    let runs = TileProduct.Runs(
      levels: [(count, .integer(op.strides[0]) * width)], length: builder.extent(y[3]))
    let taps = TileRows(builder, count: .integer(op.kernel[1]), tallest: shape.rows)
    // Every line of taps of every channel.
    try builder.loop("taps", to: builder.extent(x[1]) * .integer(op.kernel[0])) { number in
      let channel = builder.declare("channel", number / .integer(op.kernel[0]))
      let plane = image * builder.extent(x[1]) + channel
      let at = line * .integer(op.strides[0]) + number % .integer(op.kernel[0])
      let from = builder.declare("from", (plane * height + at) * width)
      let target = builder.declare("target", origin + number * .integer(op.kernel[1]) * filters)
      try taps.loop(builder) { tap, tall in
        let left = TileProduct.Left(
          origin: builder.declare("left", from + tap), row: 1, step: .integer(op.strides[1]))
        try columns { column, panels, vectors in
          let tile = builder.declare("tile", target + tap * filters + column)
          try product.write(
            left, runs, panels: panels.map { builder.declare("panel", right + column + $0) }, vectors: vectors,
            height: tall, heights: 1...min(shape.rows, op.kernel[1])
          ) { sums.add($0, to: tile) }
        }
      }
    }
  }

  private var product: TileProduct {
    var product = TileProduct(
      builder: builder, target: sink.target, shape: shape, element: element, left: memory.x, right: memory.cotangent)
    product.rightStep = filters
    return product
  }

  /// Code for each block of columns: two panels where taps are few, one, or half of one.
  private func columns(
    _ body: (_ column: Expression, _ panels: [Expression], _ vectors: Int) throws -> Void
  ) throws {
    let few = TileWriter.fewRows(shape, sink.target)
    var from = Expression.integer(0)
    if op.kernel[1] <= few {
      let pairs = builder.declare("pairs", filters - filters % .integer(2 * width))
      try builder.loop("o", to: pairs, step: .integer(2 * width)) { try body($0, [0, .integer(width)], shape.vectors) }
      from = pairs
    }
    let panels = builder.declare("panels", filters - filters % .integer(width))
    try builder.loop("o", from: from, to: panels, step: .integer(width)) { try body($0, [0], shape.vectors) }
    // Filters come by 16: where panels are wider, the last may be half of one.
    let together = WinogradConvolution.together
    if width > together, !sink.symbols.isDivisible(types.cotangent.shape[1], by: width) {
      try builder.branch(.less(panels, filters)) { try body(panels, [0], together / lanes) }
    }
  }
}
