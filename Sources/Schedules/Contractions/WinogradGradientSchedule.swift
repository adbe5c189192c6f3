import TensorIR
import TensorOps

/// Writes the sums that gradients of filters of 3 by 3 are made from. For a part of the tiles, and a block of channels by filters whose
/// sums stay in the cache: for chunk after chunk the transforms of both operands, and for each of 16 places their product, which is added
/// to the sums.
///
/// Parts, blocks and chunks are what shapes say, so the number of threads changes no bit.
struct WinogradGradientSchedule {
  let op: WinogradFilterGradient
  let group: Group
  let sink: any KernelSink
  let builder: KernelBuilder
  let types: (x: TensorType, cotangent: TensorType, result: TensorType)
  let shape: TileShape
  let memory: (x: Buffer, cotangent: Buffer, tiles: Buffer, sums: Buffer)
  private let buffers: [BufferReference]

  init(_ op: WinogradFilterGradient, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) throws {
    guard let x = anchor.operands[0], let cotangent = anchor.operands[1] else {
      throw Diagnostic("internal", "'\(op.name)' without operands")
    }
    (self.op, self.group, self.sink, shape) = (op, group, sink, TileShape.matmul(sink.target))
    let result = anchor.results[0]
    types = (group.type(of: x), group.type(of: cotangent), group.type(of: result))
    let element = types.result.elementType
    builder = KernelBuilder(name: group.name, comments: group.comments, for: sink.target)
    builder.largestLiteral = 1
    let sizes = Sizes(types.result, shape, sink.target)
    let bytes = (sizes.inputs + sizes.cotangents) * 16 * element.bitWidth / 8
    memory = (
      builder.parameter("x", element, .read), builder.parameter("cotangent", element, .read),
      builder.parameter("tiles", element, .update), builder.parameter("sums", element, .update)
    )
    buffers = [
      try sink.buffer(of: x), try sink.buffer(of: cotangent),
      sink.scratch("tiles", bytes: Dimension(bytes), perThread: true), try sink.buffer(of: result),
    ]
  }

  // MARK: Sizes

  /// How much is done at once.
  struct Sizes {
    /// The channels and filters of a block.
    var channels: Int
    var filters: Int
    /// The tiles of a chunk.
    var tiles: Int
    /// What each of the 16 places takes of transforms of either operand: a line of the cache more, so that not all meet in one set.
    var inputs: Int
    var cotangents: Int

    /// - Parameter result: [parts, 16, c, o].
    init(_ result: TensorType, _ shape: TileShape, _ target: Target) {
      let element = result.elementType
      let (bytes, width) = (element.bitWidth / 8, shape.columns(target, element))
      let together = WinogradConvolution.together
      // Half of what sums may take: the transforms of a chunk are read from the same cache.
      let sums = target.tuning.products.bytesOfSums / (2 * 16 * bytes)
      filters = max(width, 4 * together)
      if let all = result.shape[3].constant { filters = min(filters, (all + width - 1) / width * width) }
      filters = max(filters, width)
      channels = max(sums / filters / together, 1) * together
      if let all = result.shape[2].constant { channels = max(min(channels, all), 1) }
      tiles = max(target.tuning.products.bandElements / (16 * (channels + filters)), together)
      let line = target.tuning.elements.cacheLine / bytes
      (inputs, cotangents) = (tiles * channels + line, tiles * filters + line)
    }

    /// The blocks of a result [parts, 16, c, o].
    func blocks(_ result: TensorType) -> (channels: Dimension, filters: Dimension) {
      (result.shape[2].ceilingDivided(by: Dimension(channels)), result.shape[3].ceilingDivided(by: Dimension(filters)))
    }
  }

  private var sizes: Sizes { Sizes(types.result, shape, sink.target) }
  private var element: ElementType { types.result.elementType }
  private var lanes: Int { sink.target.lanes(of: element) }
  private var width: Int { shape.columns(sink.target, element) }
  /// Images, and tiles down and across.
  private var extents: [Dimension] {
    [types.cotangent.shape[0]] + types.cotangent.shape.suffix(2).map { $0.ceilingDivided(by: 2) }
  }

  // MARK: Loops

  func lower() throws {
    let all = builder.declare("all", builder.extent(extents.reduce(1, *)))
    let blocks = sizes.blocks(types.result)
    let (across, down) = (builder.extent(blocks.filters), builder.extent(blocks.channels))
    let parts = builder.extent(Dimension(op.parts))
    try builder.parallel("piece", count: parts * down * across) { piece in
      let filter = builder.declare("filter", piece % across * .integer(sizes.filters))
      let rest = builder.declare("rest", piece / across)
      let channel = builder.declare("channel", rest % down * .integer(sizes.channels))
      let part = builder.declare("part", rest / down)
      let block = Block(
        channel: channel,
        channels: builder.declare(
          "channels", .minimum(.integer(sizes.channels), builder.extent(types.result.shape[2]) - channel)),
        filter: filter,
        filters: builder.declare(
          "filters", .minimum(.integer(sizes.filters), builder.extent(types.result.shape[3]) - filter)),
        sums: builder.declare(
          "origin",
          (part * 16 * builder.extent(types.result.shape[2]) + channel) * builder.extent(types.result.shape[3]) + filter
        ))
      builder.loop("place", to: 16) { place in
        sums.clear(from: block.sums + place * strides.place, rows: block.channels, columns: block.filters)
      }
      let first = builder.declare("first", all * part / parts)
      let count = builder.declare("count", all * (part + 1) / parts - first)
      let chunks = builder.declare("chunks", (count + .integer(sizes.tiles - 1)) / .integer(sizes.tiles))
      try builder.loop("chunk", to: chunks) { chunk in
        let from = builder.declare("from", first + count * chunk / chunks)
        let size = builder.declare("size", first + count * (chunk + 1) / chunks - from)
        try builder.loop("t", to: size) { try transform(from + $0, row: $0, block) }
        try products(block, size)
      }
    }
    let work = extents.reduce(types.result.shape[2] * types.result.shape[3] * 16, *)
    sink.call(builder, buffers: buffers, work: work, at: group.location)
  }

  /// Some channels by some filters.
  private struct Block {
    var channel, channels: Expression
    var filter, filters: Expression
    /// Where its sums begin.
    var sums: Expression
  }

  /// From one row of sums to the next, and from one place to the next.
  private var strides: (row: Expression, place: Expression) {
    (builder.extent(types.result.shape[3]), builder.extent(types.result.shape[2] * types.result.shape[3]))
  }

  private var sums: SumsInMemory {
    SumsInMemory(builder: builder, memory: memory.sums, element: element, lanes: lanes, stride: strides.row)
  }

  // MARK: Transforms

  private func transform(_ number: Expression, row: Expression, _ block: Block) throws {
    guard let x = types.x.layout.strides(of: types.x.shape),
      let cotangent = types.cotangent.layout.strides(of: types.cotangent.shape)
    else { throw Diagnostic("internal", "an operand of '\(op.name)' may not be blocked") }
    let places = LoopNest.positions(builder, builder.declare("number", number), extents)
    let corner = (1...2).map { builder.declare("corner", places[$0] * 2) }
    input(corner, x, from: builder.declare("image", places[0] * builder.extent(x[0]) + block.channel), row: row, block)
    self.cotangent(
      corner, cotangent, from: builder.declare("image", places[0] * builder.extent(cotangent[0]) + block.filter),
      row: row, block)
  }

  private func input(
    _ corner: [Expression], _ strides: [Dimension], from image: Expression, row: Expression, _ block: Block
  ) {
    let cells = (0..<2).map { axis in
      (0..<4).map { place in
        let last = builder.extent(types.x.shape[axis + 2]) - 1
        return builder.declare(
          "cell", .minimum(corner[axis] + .integer(place), last) * builder.extent(strides[axis + 2]))
      }
    }
    let transform = WinogradTransform(builder: builder, memory: memory.tiles, distance: .integer(sizes.inputs))
    let to = builder.declare("to", row * .integer(sizes.channels))
    builder.loop("c", to: block.channels, step: .integer(lanes)) { channel in
      let from = builder.declare("channel", image + channel)
      let tile = cells[0].map { row in cells[1].map { Expression.load(memory.x, from + row + $0, lanes: lanes) } }
      transform.input(tile, to: to + channel)
    }
  }

  /// Panel by panel, as products read them.
  private func cotangent(
    _ corner: [Expression], _ strides: [Dimension], from image: Expression, row: Expression, _ block: Block
  ) {
    let steps = strides.suffix(2).map { builder.extent($0) }
    let start = builder.declare("start", image + corner[0] * steps[0] + corner[1] * steps[1])
    let isInside = (0..<2).map { axis -> Expression? in
      let extent = types.cotangent.shape[axis + 2]
      if extent.constant.map({ $0 % 2 == 0 }) ?? false { return nil }
      return builder.declare("inside", .select(.less(corner[axis] + 1, builder.extent(extent)), 1, 0))
    }
    let transform = WinogradTransform(builder: builder, memory: memory.tiles, distance: .integer(sizes.cotangents))
    let to = builder.declare("to", .integer(16 * sizes.inputs) + row * .integer(width))
    builder.loop("o", to: block.filters, step: .integer(lanes)) { filter in
      let from = builder.declare("filter", start + filter)
      let panel = filter / .integer(width) * .integer(sizes.tiles * width) + filter % .integer(width)
      let tile = (0..<2).map { row in
        (0..<2).map { column in
          let place = from + .integer(row) * steps[0] + .integer(column) * steps[1]
          return cell(place, where: zip(isInside, [row, column]).compactMap { $1 == 0 ? nil : $0 })
        }
      }
      transform.cotangent(tile, to: to + panel)
    }
  }

  /// A vector of the cotangent, or zeros where one of the conditions is zero.
  private func cell(_ place: Expression, where conditions: [Expression]) -> Expression {
    let load = Expression.load(memory.cotangent, place, lanes: lanes)
    guard let first = conditions.first else { return builder.declare("cell", load) }
    let value = builder.mutable("cell", .number(0, LoopType(element, lanes: lanes)))
    builder.branch(.less(0, conditions.dropFirst().reduce(first, *))) { builder.assign(value, load) }
    return .variable(value)
  }

  // MARK: Products

  private func products(_ block: Block, _ steps: Expression) throws {
    let product = TileProduct(
      builder: builder, target: sink.target, shape: shape, element: element, left: memory.tiles, right: memory.tiles)
    let rows = TileRows(builder, count: block.channels, tallest: shape.rows)
    let runs = TileProduct.Runs(levels: [], length: steps)
    try builder.loop("place", to: 16) { place in
      try builder.loop("o", to: block.filters, step: .integer(width)) { column in
        let panel = builder.declare(
          "panel", .integer(16 * sizes.inputs) + place * .integer(sizes.cotangents) + column * .integer(sizes.tiles))
        let target = builder.declare("target", block.sums + place * strides.place + column)
        try rows.loop(builder) { row, height in
          let left = TileProduct.Left(
            origin: builder.declare("left", place * .integer(sizes.inputs) + row), row: 1,
            step: .integer(sizes.channels))
          func tile(vectors: Int) throws {
            try product.write(
              left, runs, panels: [panel], vectors: vectors, height: height, heights: 1...shape.rows
            ) { sums.add($0, to: target + row * strides.row) }
          }
          // Filters come by 16: where panels are wider, the last may be half of one.
          let together = WinogradConvolution.together
          guard width > together, !sink.symbols.isDivisible(types.result.shape[3], by: width) else {
            return try tile(vectors: shape.vectors)
          }
          try builder.branch(.less(block.filters - column, .integer(width))) {
            try tile(vectors: together / lanes)
          } otherwise: {
            try tile(vectors: shape.vectors)
          }
        }
      }
    }
  }
}
