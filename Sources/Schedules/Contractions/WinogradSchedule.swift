import TensorIR
import TensorOps

/// Writes a convolution by products of transformed tiles. For a chunk of tiles: their transforms, which stay in the cache; then for
/// each panel of filters 16 products, and the results of these with what follows them.
///
/// A chunk is what shapes say, and sums are not split, so the number of threads changes no bit.
struct WinogradSchedule {
  let op: WinogradConvolution
  let sink: any KernelSink
  let kernel: AnchoredKernel
  let types: (x: TensorType, u: TensorType, result: TensorType)
  let shape: TileShape

  init(_ op: WinogradConvolution, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) throws {
    guard let x = anchor.operands[0], let u = anchor.operands[1] else {
      throw Diagnostic("internal", "'\(op.name)' without operands")
    }
    (self.op, self.sink, shape) = (op, sink, TileShape.matmul(sink.target))
    types = (group.type(of: x), group.type(of: u), group.type(of: anchor.results[0]))
    let element = types.result.elementType
    let (places, results) = WinogradSchedule.scratch(types, shape, sink.target)
    let bytes = (places + results) * Dimension(16 * element.bitWidth / 8)
    kernel = try AnchoredKernel(
      group, anchor, sink, operands: [("x", element, try sink.buffer(of: x)), ("u", element, try sink.buffer(of: u))],
      scratch: ("tiles", element, sink.scratch("tiles", bytes: bytes, perThread: true)))
    kernel.builder.largestLiteral = 1
  }

  // MARK: Sizes

  /// Tiles of a chunk: as many as leave their transforms in the cache, and enough to use a panel of filters that comes from memory.
  private static func chunk(_ types: (x: TensorType, u: TensorType, result: TensorType), _ target: Target) -> Int {
    let steps = max(types.u.shape[1].constant ?? 1, 1)
    let most = max(target.tuning.products.bandElements / (16 * steps), 16)
    guard let tiles = tiles(types.result).constant, tiles > 0 else { return most }
    let chunks = (tiles + most - 1) / most
    return (tiles + chunks - 1) / chunks
  }

  private static func tiles(_ result: TensorType) -> Dimension { extents(result).reduce(1, *) }

  /// Batch, spatial axes before the last two, and tiles down and across.
  private static func extents(_ result: TensorType) -> [Dimension] {
    [result.shape[0]] + result.shape[2..<(result.rank - 2)]
      + result.shape.suffix(2).map { $0.ceilingDivided(by: 2) }
  }

  /// What each of the 16 places takes of transforms and of products: a line of the cache more, so that not all meet in one set.
  private static func scratch(
    _ types: (x: TensorType, u: TensorType, result: TensorType), _ shape: TileShape, _ target: Target
  ) -> (places: Dimension, results: Dimension) {
    let chunk = Dimension(chunk(types, target))
    let element = types.result.elementType
    let width = Dimension(shape.columns(target, element))
    let line = Dimension(target.tuning.elements.cacheLine * 8 / element.bitWidth)
    return (chunk * types.u.shape[1] + line, chunk * width + line)
  }

  var builder: KernelBuilder { kernel.builder }
  var element: ElementType { types.result.elementType }
  var lanes: Int { sink.target.lanes(of: element) }
  var width: Int { shape.columns(sink.target, element) }
  private var chunk: Int { Self.chunk(types, sink.target) }
  /// The distance from one of the 16 places to the next: of transforms and of products.
  private var place: (transforms: Expression, products: Expression) {
    let sizes = Self.scratch(types, shape, sink.target)
    return (builder.extent(sizes.places), builder.extent(sizes.results))
  }
  /// Where products begin.
  private var productsFrom: Expression { builder.extent(Self.scratch(types, shape, sink.target).places * 16) }

  // MARK: Loops

  func lower() throws {
    guard let tiles = kernel.scratch else { throw Diagnostic("internal", "'\(op.name)' without scratch memory") }
    let size = builder.extent(Dimension(chunk))
    let all = builder.declare("all", builder.extent(Self.tiles(types.result)))
    let panels = builder.declare(
      "panels", builder.extent(types.u.shape[2].ceilingDivided(by: Dimension(width))))
    let chunks = builder.declare("chunks", (all + size - 1) / size)
    // Where chunks are few, panels are divided as well.
    let wanted = Expression.integer(sink.target.tuning.rows.manyRows)
    let parts = builder.declare("parts", .minimum((wanted + chunks - 1) / .maximum(chunks, 1), .maximum(panels, 1)))
    try builder.parallel("piece", count: builder.declare("pieces", chunks * parts)) { piece in
      let first = builder.declare("first", piece / parts * size)
      let count = builder.declare("count", .minimum(size, all - first))
      let part = builder.declare("part", piece % parts)
      try builder.loop("t", to: count) { try transform(first + $0, into: tiles, row: $0) }
      try builder.loop("panel", from: panels * part / parts, to: panels * (part + 1) / parts) { panel in
        try products(tiles, count, panel)
        try results(tiles, first, count, panel)
      }
    }
    kernel.finish(work: Self.tiles(types.result) * types.u.shape[1] * types.u.shape[2] * 16)
  }

  /// Batch, spatial axes and tile of a number of a tile.
  private func position(_ number: Expression) -> [Expression] {
    LoopNest.positions(builder, builder.declare("number", number), Self.extents(types.result))
  }

  // MARK: Transforms

  /// Bᵀ d B of a tile, for all steps. What lies beyond an edge is of no account: only results beyond it come from there.
  private func transform(_ number: Expression, into tiles: Buffer, row: Expression) throws {
    guard let strides = types.x.layout.strides(of: types.x.shape) else {
      throw Diagnostic("internal", "the input of '\(op.name)' may not be blocked")
    }
    let (places, rank) = (position(number), types.x.rank)
    let cells = [rank - 2, rank - 1].map { axis -> [Expression] in
      let first = builder.declare("corner", places[places.count - rank + axis] * 2)
      let last = builder.extent(types.x.shape[axis]) - 1
      return (0..<4).map {
        builder.declare("cell", .minimum(first + .integer($0), last) * builder.extent(strides[axis]))
      }
    }
    let channels = builder.extent(types.x.shape[1])
    let steps = builder.extent(types.u.shape[1])
    let transforms = WinogradTransform(builder: builder, memory: tiles, distance: place.transforms)
    let batch = builder.declare("image", places[0] * builder.extent(strides[0]))
    let to = builder.declare("to", row * steps)
    builder.loop("tap", to: .integer(op.taps)) { tap in
      var from = batch
      var rest = tap
      for axis in op.kernel.indices.reversed() {
        let own = axis == 0 ? rest : rest % .integer(op.kernel[axis])
        rest = rest / .integer(op.kernel[axis])
        let at = places[axis + 1] * .integer(op.strides[axis]) + own * .integer(op.dilations[axis])
        from = from + at * builder.extent(strides[axis + 2])
      }
      let image = builder.declare("from", from)
      let target = builder.declare("steps_from", to + tap * channels)
      builder.loop("c", to: channels, step: .integer(lanes)) { channel in
        let from = builder.declare("channel", image + channel)
        let tile = cells[0].map { row in
          cells[1].map { Expression.load(kernel.operands[0], from + row + $0, lanes: lanes) }
        }
        transforms.input(tile, to: target + channel)
      }
    }
  }

  // MARK: Products

  /// For each of 16 places the transforms of all tiles by a panel of filters.
  private func products(_ tiles: Buffer, _ count: Expression, _ panel: Expression) throws {
    let product = TileProduct(
      builder: builder, target: sink.target, shape: shape, element: element, left: tiles, right: kernel.operands[1])
    let steps = builder.extent(types.u.shape[1])
    let ofPanel = builder.declare("panel_size", steps * .integer(width))
    let ofPlace = builder.declare(
      "place_size", ofPanel * builder.extent(types.u.shape[2].ceilingDivided(by: Dimension(width))))
    let rows = TileRows(builder, count: count, tallest: shape.rows)
    try builder.loop("place", to: 16) { at in
      let left = builder.declare("left", at * place.transforms)
      let target = builder.declare("target", productsFrom + at * place.products)
      let packed = builder.declare("packed", at * ofPlace + panel * ofPanel)
      try rows.loop(builder) { row, height in
        try product.write(
          .init(origin: builder.declare("origin", left + row * steps), row: steps, step: 1),
          .init(levels: [], length: steps), panels: [packed], vectors: shape.vectors, height: height,
          heights: 1...min(shape.rows, chunk)
        ) { sums in
          for (line, parts) in sums.enumerated() {
            for (part, sum) in parts.enumerated() {
              builder.store(
                tiles, target + (row + .integer(line)) * .integer(width) + .integer(part * lanes), .variable(sum))
            }
          }
        }
      }
    }
  }

  // MARK: Results

  /// Aᵀ m A of each tile, and what follows.
  private func results(_ tiles: Buffer, _ first: Expression, _ count: Expression, _ panel: Expression) throws {
    let (rank, shape) = (types.result.rank, types.result.shape)
    let (height, width) = (builder.extent(shape[rank - 2]), builder.extent(shape[rank - 1]))
    let column = builder.declare("column", panel * .integer(self.width))
    let distance = place.products
    let writers = (0..<2).map { row in
      let result = WinogradResult(
        builder: builder, target: sink.target, shape: TileShape(rows: 2, vectors: self.shape.vectors, prefetch: 0),
        element: element, tiles: tiles, distance: distance, row: row)
      return TileWriter(result, kernel.epilogue, columns: types.u.shape[2])
    }
    let isEven = shape.suffix(2).map { $0.constant.map { $0 % 2 == 0 } ?? false }
    try builder.loop("t", to: count) { t in
      let places = position(first + t)
      let lines = zip(places.dropLast(2), [shape[0]] + shape[2..<(rank - 2)]).reduce(Expression.integer(0)) {
        $0 * builder.extent($1.1) + $1.0
      }
      let row = builder.declare("row", places[places.count - 2] * 2)
      let left = builder.declare("first_column", places[places.count - 1] * 2)
      let line = builder.declare("line", (lines * height + row) * width + left)
      let place = TileWriter.Place(
        left: .init(origin: builder.declare("products", productsFrom + t * .integer(self.width)), row: 0, step: 0),
        runs: .init(levels: [], length: 0), row: line, height: isEven[1] ? 2 : .minimum(width - left, 2),
        heights: (isEven[1] ? 2 : 1)...2, column: column, panels: [0])
      try writers[0].write(place)
      var below = place
      below.row = line + width
      if isEven[0] { return try writers[1].write(below) }
      try builder.branch(.less(row + 1, height)) { try writers[1].write(below) }
    }
  }
}

/// A row of the two by two results of a tile, from its 16 products: what is a tile of sums to ``TileWriter``.
struct WinogradResult: RegisterTile {
  let builder: KernelBuilder
  let target: Target
  let shape: TileShape
  let element: ElementType
  let tiles: Buffer
  /// How far apart the products of neighbouring places lie.
  let distance: Expression
  let row: Int

  func write(
    _ left: TileProduct.Left, _ runs: TileProduct.Runs, panels: [Expression], vectors: Int, height: Expression,
    heights: ClosedRange<Int>, finish: TileProduct.Finish
  ) throws {
    let lanes = target.lanes(of: element)
    try TileProduct.choose(heights, height, builder) { count in
      var sums = [[Variable]](repeating: [], count: count)
      for part in 0..<vectors {
        let columns = (0..<(count == 1 ? 3 : 4)).map { column in
          builder.declare(
            "down",
            result(row) {
              .load(tiles, left.origin + .integer($0 * 4 + column) * distance + .integer(part * lanes), lanes: lanes)
            })
        }
        for line in 0..<count { sums[line].append(builder.mutable("sum", result(line) { columns[$0] })) }
      }
      try finish(sums)
    }
  }

  /// An element of Aᵀ m.
  private func result(_ place: Int, _ m: (Int) -> Expression) -> Expression {
    place == 0 ? m(0) + m(1) + m(2) : m(1) - m(2) - m(3)
  }
}
