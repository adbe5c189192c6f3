import TensorIR

extension Matmul {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  /// The right operand is packed element by element, so what makes it may be computed there.
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool {
    operand == 1 && types[1].layout.blocks.isEmpty
  }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let left = anchor.operands[0], let right = anchor.operands[1] else { return }
    let (a, b) = (group.type(of: left), group.type(of: right))
    let result = group.type(of: anchor.results[0])
    let width = TileShape.matmul(sink.target).columns(sink.target, result.elementType)
    let (stepAxis, columnAxis) = transposeRight ? (b.rank - 1, b.rank - 2) : (b.rank - 2, b.rank - 1)
    var packed: BufferReference
    if b.layout.blocks.isEmpty {
      let layout = PackedOperand.layout(rank: b.rank, stepAxis: stepAxis, columnAxis: columnAxis, width: width)
      packed = sink.scratch("packed", bytes: b.with(layout: layout).byteCount, perThread: false)
      try PackedOperand.pack(right, group, into: packed, layout: layout, sink)
    } else {
      packed = try sink.buffer(of: right)
    }
    let problem = try problem(a, b, result, width: width, sink.symbols)
    try ContractionSchedule(
      group: group, anchor: anchor, sink: sink, left: left, right: packed, problem: problem
    ).lower()
  }

  /// Batches that share the right operand are more rows of one product; others are blocks.
  private func problem(
    _ a: TensorType, _ b: TensorType, _ result: TensorType, width: Int, _ symbols: SymbolTable
  ) throws -> ContractionSchedule.Problem {
    let (m, n) = (result.shape[result.rank - 2], result.shape[result.rank - 1])
    let k = a.shape[a.rank - (transposeLeft ? 2 : 1)]
    let batch = Array(result.shape.dropLast(2))
    let joins = !transposeLeft && b.shape.dropLast(2).allSatisfy { $0 == 1 } && Array(a.shape.dropLast(2)) == batch
    let aMatrix = m * k
    let bMatrix = n.ceilingDivided(by: Dimension(width)) * Dimension(width) * k
    return ContractionSchedule.Problem(
      blocks: joins ? 1 : batch.reduce(1, *), rows: joins ? batch.reduce(1, *) * m : m, columns: n,
      leftOrigin: { builder, block in
        joins ? 0 : Matmul.origin(builder, block, batch, Array(a.shape.dropLast(2)), aMatrix)
      },
      rightOrigin: { builder, block in
        joins ? 0 : Matmul.origin(builder, block, batch, Array(b.shape.dropLast(2)), bMatrix)
      },
      leftRow: transposeLeft ? 1 : k, leftStep: transposeLeft ? m : 1, runs: 1, runOffset: 0, runLength: k)
  }

  /// The offset of a batch in an operand that may have fewer batches, and repeats axes of extent 1.
  private static func origin(
    _ builder: KernelBuilder, _ block: Expression, _ batch: [Dimension], _ own: [Dimension], _ matrix: Dimension
  ) -> Expression {
    if own == batch { return block * builder.extent(matrix) }
    let places = LoopNest.positions(builder, block, batch)
    var offset: Expression = 0
    var stride = matrix
    for axis in own.indices.reversed() where own[axis] != 1 {
      let place = places[axis + batch.count - own.count]
      let isOne = Expression.binary(.equal, builder.extent(own[axis]), 1)
      let safe = own[axis] == batch[axis + batch.count - own.count] ? place : Expression.select(isOne, 0, place)
      offset = offset + safe * builder.extent(stride)
      stride = stride * own[axis]
    }
    return offset
  }
}
