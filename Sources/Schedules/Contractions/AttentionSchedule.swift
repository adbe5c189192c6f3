import TensorIR
import TensorOps

/// Writes attention as one kernel: for a block of queries, the scores of a block of keys at a time, their powers, and what
/// these add to the result (Milakov and Gimelshein: "Online normalizer calculation for softmax", 2018; Dao et al.:
/// "FlashAttention", 2022). Memory grows with the blocks alone.
///
/// Blocks of keys begin at multiples of their size, and no sum depends on how rows are cut into tiles, so the number of threads
/// changes no bit.
struct AttentionSchedule {
  private let rows: AttentionRows
  private let kernel: Parts
  private let target: Target
  private let types: (q: TensorType, k: TensorType, v: TensorType, result: TensorType)

  /// The kernel being written, and what it works on.
  private struct Parts {
    let group: Group
    let sink: any KernelSink
    let builder: KernelBuilder
    let buffers: [BufferReference]
    let queries, keys, values, result, scores, sums: Buffer
  }

  init(
    _ op: Attention, _ group: Group, _ anchor: Operation, _ sink: any KernelSink, keys: BufferReference,
    values: BufferReference
  ) throws {
    guard let q = anchor.operands[0], let k = anchor.operands[1], let v = anchor.operands[2] else {
      throw Diagnostic("internal", "'attention' without operands")
    }
    target = sink.target
    types = (group.type(of: q), group.type(of: k), group.type(of: v), group.type(of: anchor.results[0]))
    let element = types.result.elementType
    let builder = KernelBuilder(name: group.name, comments: group.comments, for: sink.target)
    let evaluator = ElementEvaluator(group, builder, sink.target)
    var buffers = [try sink.buffer(of: q), keys, values]
    let own = ["queries", "keys", "values"].map { builder.parameter($0, element, .read) }
    let shown = anchor.operands.dropFirst(3).compactMap { $0 }
    try evaluator.bindParameters(group.leavesNeeded(by: shown), &buffers, sink)
    let result = builder.parameter("y", element, .write)
    buffers.append(try sink.buffer(of: anchor.results[0]))
    let height = Self.height(types.result, sink.target)
    let computed = element.computeType
    func scratch(_ name: String, _ columns: Dimension) -> Buffer {
      let bytes = columns * Dimension(height * computed.bitWidth / 8)
      buffers.append(sink.scratch(name, bytes: bytes, perThread: true))
      return builder.parameter(name, computed, .update)
    }
    let scores = scratch("scores", Dimension(sink.target.tuning.attention.keys))
    let sums = scratch("sums", Self.padded(types.v, sink.target))
    kernel = Parts(
      group: group, sink: sink, builder: builder, buffers: buffers, queries: own[0], keys: own[1], values: own[2],
      result: result, scores: scores, sums: sums)
    rows = AttentionRows(
      op: op, anchor: anchor, evaluator: evaluator, scores: scores, lanes: sink.target.lanes(of: element),
      height: height,
      shapeOfScores: types.result.shape.dropLast() + [types.k.shape[types.k.rank - 2]])
  }

  // MARK: Sizes

  private static func shape(_ target: Target) -> TileShape { TileShape.matmul(target) }

  /// The most queries of a block: no more than there are, so that a step of a decoder takes little memory.
  private static func height(_ result: TensorType, _ target: Target) -> Int {
    let most = shape(target).rows * target.tuning.attention.tiles
    return max(1, min(most, result.shape[result.rank - 2].constant ?? most))
  }

  /// The columns of the values in whole panels.
  private static func padded(_ v: TensorType, _ target: Target) -> Dimension {
    let width = Dimension(shape(target).columns(target, v.elementType))
    return v.shape[v.rank - 1].ceilingDivided(by: width) * width
  }

  private var builder: KernelBuilder { kernel.builder }
  private var shape: TileShape { Self.shape(target) }
  /// What is computed with.
  private var element: ElementType { types.result.elementType.computeType }
  private var lanes: Int { target.lanes(of: element) }
  private var width: Int { shape.columns(target, element) }
  private var blockSize: Int { target.tuning.attention.keys }
  private var keyCount: Dimension { types.k.shape[types.k.rank - 2] }
  private var batch: [Dimension] { Array(types.result.shape.dropLast(2)) }

  /// Queries of one block: which, and how they are cut into tiles.
  private struct Block {
    var batch: Expression
    var first: Expression
    var count: Expression
    var rows: TileRows
  }

  // MARK: Loops

  func lower() throws {
    builder.largestLiteral = 1
    let queries = builder.extent(types.result.shape[types.result.rank - 2])
    let height = Expression.integer(Self.height(types.result, target))
    let blocks = builder.declare("blocks", (queries + (height - 1)) / height)
    let total = builder.extent(batch.reduce(1, *)) * blocks
    try builder.parallel("piece", count: builder.declare("total", total)) { piece in
      let number = builder.declare("batch", piece / blocks)
      let first = builder.declare("first", place(of: piece % blocks, blocks) * height)
      let count = builder.declare("count", .minimum(height, queries - first))
      let rows = TileRows(builder, count: count, tallest: shape.rows)
      try write(Block(batch: number, first: first, count: count, rows: rows))
    }
    let scores = types.result.shape.dropLast().reduce(1, *) * keyCount
    let depth = types.q.shape[types.q.rank - 1] + types.v.shape[types.v.rank - 1]
    kernel.sink.call(builder, buffers: kernel.buffers, work: scores * depth, at: kernel.group.location)
  }

  /// Of queries that see what is before them, later blocks take longer: first and last ones by turns, so that all threads have as much to
  /// do.
  private func place(of number: Expression, _ blocks: Expression) -> Expression {
    if !rows.op.causal { return number }
    let (number, half) = (builder.declare("number", number), builder.declare("half", number / 2))
    return .select(.binary(.equal, number % 2, 0), half, blocks - 1 - half)
  }

  /// How many keys a query sees, if it does not see those behind it.
  private func seen(by query: Expression) -> Expression {
    let queries = builder.extent(types.result.shape[types.result.rank - 2])
    return .maximum(query + 1 + builder.extent(keyCount) - queries, 0)
  }

  private func write(_ block: Block) throws {
    let padded = builder.extent(Self.padded(types.v, target))
    let places = LoopNest.positions(builder, block.batch, batch)
    builder.loop("clear", to: block.count * padded, step: .integer(lanes)) { place in
      builder.store(kernel.sums, place, .number(0, LoopType(element, lanes: lanes)))
    }
    rows.begin(block.count)
    var keys = builder.extent(keyCount)
    if rows.op.causal { keys = builder.declare("keys_seen", seen(by: block.first + block.count - 1)) }
    try builder.loop("key", to: keys, step: .integer(blockSize)) { key in
      let seen = builder.declare("seen", .minimum(.integer(blockSize), keys - key))
      try scores(block, key, seen)
      let lowest = Expression.number(-.infinity, LoopType(element))
      let most = builder.mutable("most_of_block", lowest)
      try builder.loop("row", to: block.count) { row in
        let place = places.map { Index($0) } + [Index(builder.declare("query", block.first + row)), Index(key)]
        let own = builder.declare("own", self.own(row, block, key, seen))
        let best = try rows.adjust(row, rowStart: row * .integer(blockSize), count: own, at: place)
        if rows.mayHide { builder.assign(most, .intrinsic(.maximum, [best, .variable(most)], LoopType(element))) }
      }
      guard rows.mayHide else { return try weigh(block, key, seen, padded: padded) }
      // Keys that no query of the block sees add nothing: half of all pairs where queries see what was before them.
      try builder.branch(.binary(.notEqual, .variable(most), lowest)) {
        try weigh(block, key, seen, padded: padded)
      }
    }
    try store(block, places, padded: padded)
  }

  /// How many keys of a block a row sees.
  private func own(_ row: Expression, _ block: Block, _ key: Expression, _ seen: Expression) -> Expression {
    rows.op.causal ? .minimum(.maximum(self.seen(by: block.first + row) - key, 0), seen) : seen
  }

  /// Powers of the scores, and what they take of the values.
  private func weigh(_ block: Block, _ key: Expression, _ seen: Expression, padded: Expression) throws {
    builder.loop("row", to: block.count) { row in
      let own = builder.declare("own", self.own(row, block, key, seen))
      rows.raise(row, rowStart: row * .integer(blockSize), count: own, of: seen)
    }
    try sums(block, key, seen, padded: padded)
  }

  // MARK: Products

  private func origin(_ block: Block, _ type: TensorType, _ strides: [Dimension]) -> Expression {
    Matmul.origin(builder, block.batch, batch, Array(type.shape.dropLast(2)), strides)
  }

  /// The distances between the packed matrices of a batch, and from panel to panel.
  private func packing(
    _ type: TensorType, steps: Dimension, columns: Dimension
  ) -> (batch: [Dimension], panel: Dimension) {
    let panel = steps * Dimension(width)
    let matrix = columns.ceilingDivided(by: Dimension(width)) * panel
    let outer = Array(type.shape.dropLast(2))
    return (outer.indices.map { outer[($0 + 1)...].reduce(matrix, *) }, panel)
  }

  private func scores(_ block: Block, _ key: Expression, _ seen: Expression) throws {
    guard let strides = types.q.layout.strides(of: types.q.shape) else {
      throw Diagnostic("internal", "the queries of 'attention' may not be blocked")
    }
    let rank = types.q.rank
    let depth = types.q.shape[rank - 1]
    let packing = packing(types.k, steps: depth, columns: keyCount)
    let row = builder.extent(strides[rank - 2])
    let left = builder.declare(
      "left", origin(block, types.q, Array(strides.dropLast(2))) + block.first * row)
    let right = builder.declare(
      "right", origin(block, types.k, packing.batch) + key / .integer(width) * builder.extent(packing.panel))
    let product = TileProduct(
      builder: builder, target: target, shape: shape, element: element, left: kernel.queries, right: kernel.keys)
    let step = builder.extent(strides[rank - 1])
    try builder.loop("panel", to: (seen + .integer(width - 1)) / .integer(width)) { panel in
      let packed = builder.declare("packed", right + panel * builder.extent(packing.panel))
      try block.rows.loop(builder) { first, height in
        let origin = builder.declare("origin", left + first * row)
        let start = builder.declare("start", first * .integer(blockSize) + panel * .integer(width))
        try product.write(
          .init(origin: origin, row: row, step: step), .init(levels: [], length: builder.extent(depth)),
          panels: [packed], vectors: shape.vectors, height: height, heights: 1...shape.rows
        ) { sums in
          for (row, parts) in sums.enumerated() {
            for (part, sum) in parts.enumerated() {
              builder.store(kernel.scores, start + .integer(row * blockSize + part * lanes), .variable(sum))
            }
          }
        }
      }
    }
  }

  /// Adds the powers of a block of keys times their values to the sums, which are scaled to the greatest score so far.
  private func sums(_ block: Block, _ key: Expression, _ seen: Expression, padded: Expression) throws {
    let packing = packing(types.v, steps: keyCount, columns: types.v.shape[types.v.rank - 1])
    let right = builder.declare("values_from", origin(block, types.v, packing.batch) + key * .integer(width))
    let product = TileProduct(
      builder: builder, target: target, shape: shape, element: element, left: kernel.scores, right: kernel.values)
    try builder.loop("panel", to: padded / .integer(width)) { panel in
      let packed = builder.declare("packed", right + panel * builder.extent(packing.panel))
      try block.rows.loop(builder) { first, height in
        let start = builder.declare("start", first * padded + panel * .integer(width))
        try product.write(
          .init(origin: first * .integer(blockSize), row: .integer(blockSize), step: 1),
          .init(levels: [], length: seen), panels: [packed], vectors: shape.vectors, height: height,
          heights: 1...shape.rows
        ) { sums in
          for (row, parts) in sums.enumerated() {
            let factor = builder.declare(
              "factor", .broadcast(rows.factor(first + .integer(row)), lanes: lanes))
            for (part, sum) in parts.enumerated() {
              let place = builder.declare("place", start + .integer(row) * padded + .integer(part * lanes))
              let old = Expression.load(kernel.sums, place, lanes: lanes)
              builder.store(
                kernel.sums, place, .intrinsic(.fma, [old, factor, .variable(sum)], LoopType(element, lanes: lanes)))
            }
          }
        }
      }
    }
  }

  /// The sums over the sums of powers; where there are no keys, 0.
  private func store(_ block: Block, _ places: [Expression], padded: Expression) throws {
    let evaluator = rows.evaluator
    try builder.loop("row", to: block.count) { row in
      let total = builder.declare(
        "total_power", .select(.less(0, builder.extent(keyCount)), rows.total(row), .number(1, LoopType(element))))
      let index = places.map { Index($0) } + [Index(builder.declare("query", block.first + row))]
      let columns = builder.extent(types.v.shape[types.v.rank - 1])
      try LoopNest.vectors(evaluator, lanes: lanes, from: 0, to: columns) { column, count in
        let (offset, step) = try evaluator.offset(types.result, at: index + [column])
        if column.step != 0, step.constantIndex != 1 { throw NotVectorizable() }
        let wide = column.step == 0 ? 1 : lanes
        let sum = Expression.load(kernel.sums, row * padded + column.base, lanes: wide)
        builder.store(
          kernel.result, offset, .binary(.divide, sum, evaluator.widened(total, lanes: wide)), count: count)
      }
    }
  }
}
