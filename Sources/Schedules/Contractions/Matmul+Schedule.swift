import TensorIR
import TensorOps

extension Matmul: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  public var finishesInPlace: Bool { true }

  /// The right operand is packed element by element, so what makes it may be computed there.
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool {
    operand == 1 && types[1].layout.blocks.isEmpty
  }

  /// The layout in which the right operand is read: panels of columns.
  public func rightLayout(_ type: TensorType, _ target: Target) -> Layout {
    rightLayout(type, width: TileShape.matmul(target).columns(target, type.elementType))
  }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let left = anchor.operands[0], let right = anchor.operands[1] else { return }
    let (a, b) = (group.type(of: left), group.type(of: right))
    let result = group.type(of: anchor.results[0])
    let width = TileShape.matmul(sink.target).columns(sink.target, result.elementType)
    let packed: BufferReference
    if b.layout.blocks.isEmpty {
      let layout = rightLayout(b, sink.target)
      packed = sink.scratch("packed", bytes: b.with(layout: layout).byteCount, perThread: false)
      try PackedOperand.pack(right, group, into: packed, layout: layout, sink)
    } else {
      try requirePanels(b.layout == rightLayout(b, sink.target), b)
      packed = try sink.buffer(of: right)
    }
    let problem = try problem(a, b, result, width: width)
    try ContractionSchedule(
      group: group, anchor: anchor, sink: sink, left: (try sink.buffer(of: left), a.elementType),
      right: (packed, result.elementType), problem: problem
    ).lower()
  }

  /// Batches that share the right operand are more rows of one product; others are blocks.
  private func problem(_ a: TensorType, _ b: TensorType, _ result: TensorType, width: Int) throws -> ContractionProblem
  {
    let (m, n) = (result.shape[result.rank - 2], result.shape[result.rank - 1])
    let (rowAxis, stepAxis) = transposeLeft ? (a.rank - 1, a.rank - 2) : (a.rank - 2, a.rank - 1)
    let k = a.shape[stepAxis]
    guard let strides = a.layout.strides(of: a.shape) else {
      throw Diagnostic("internal", "the left operand of 'matmul' may not be blocked")
    }
    let batch = Array(result.shape.dropLast(2))
    let aBatch = Array(a.shape.dropLast(2))
    let sharesRight = b.shape.dropLast(2).allSatisfy { $0 == 1 } && aBatch == batch
    // The rows of all batches are equally far apart where each batch begins right behind the one before.
    let joins =
      sharesRight
      && batch.indices.allSatisfy { axis in
        strides[axis] == a.shape[(axis + 1)..<(a.rank - 2)].reduce(strides[rowAxis] * m, *)
      }
    let matrix = n.ceilingDivided(by: Dimension(width)) * Dimension(width) * k
    let bBatch = Array(b.shape.dropLast(2))
    let bStrides = bBatch.indices.map { axis in bBatch[(axis + 1)...].reduce(matrix, *) }
    return ContractionProblem(
      blocks: joins ? 1 : batch.reduce(1, *), rows: joins ? batch.reduce(1, *) * m : m, columns: n,
      leftOrigin: { joins ? 0 : Matmul.origin($0, $1, batch, aBatch, Array(strides.dropLast(2))) },
      rightOrigin: { joins ? 0 : Matmul.origin($0, $1, batch, bBatch, bStrides) },
      leftRow: strides[rowAxis], leftStep: strides[stepAxis], runLength: k)
  }

  /// The offset of a batch in an operand that may have fewer batch axes, and repeats those of extent 1.
  static func origin(
    _ builder: KernelBuilder, _ block: Expression, _ batch: [Dimension], _ own: [Dimension], _ strides: [Dimension]
  ) -> Expression {
    let needed = own.indices.filter { own[$0] != 1 }
    if needed.isEmpty { return 0 }
    let places = LoopNest.positions(builder, block, batch)
    var offset: Expression = 0
    for axis in needed {
      let outer = axis + batch.count - own.count
      let isOne = Expression.binary(.equal, builder.extent(own[axis]), 1)
      let place = own[axis] == batch[outer] ? places[outer] : .select(isOne, 0, places[outer])
      offset = offset + place * builder.extent(strides[axis])
    }
    return offset
  }
}
