import TensorIR
import TensorOps

/// Writes an operation that picks whole slices, alone, between tensors in row-major order: an index is looked at once for each run of memory behind the
/// axis, and the run is copied whole.
///
/// Elements are moved as bits, so that those of a width share a kernel whatever they mean.
struct GatherSchedule {
  private let group: Group
  private let sink: any KernelSink
  private let axis: Int
  private let source: ValueID
  private let picks: ValueID

  /// Nil where the group is more than such a gather.
  init?(_ group: Group, _ sink: any KernelSink) {
    guard group.operations.count == 1, let axis = group.accessMap(group.operations[0])?.pickedAxis,
      group.outputs.count == 1, let source = group.operations[0].operands[0],
      let picks = group.operations[0].operands[1],
      [source, picks, group.outputs[0]].allSatisfy({ group.type(of: $0).layout.isPlain }),
      Set(group.leaves) == [source, picks], group.type(of: source).elementType.bitWidth >= 8
    else { return nil }
    (self.group, self.sink, self.axis, self.source, self.picks) = (group, sink, axis, source, picks)
  }

  /// The type in which elements of a width are moved.
  private var element: ElementType {
    switch group.type(of: source).elementType {
    case .f16, .bf16: .u16
    case .bool: .u8
    case let own: own
    }
  }

  func lower() throws {
    let builder = KernelBuilder(name: group.name, comments: group.comments, for: sink.target)
    let x = builder.parameter("x0", element, .read)
    let indices = builder.parameter("x1", group.type(of: picks).elementType, .read)
    let y = builder.parameter("y0", element, .write)
    let (type, result) = (group.type(of: source), group.type(of: group.outputs[0]))
    builder.stream(y, elements: result.count)
    let size = builder.extent(type.shape[axis])
    if sink.symbols.isAtMost(1, type.shape[axis]) == .yes {
      try copy(builder, x, indices, y)
    } else {
      try builder.branch(.less(0, size)) {
        try copy(builder, x, indices, y)
      } otherwise: {
        // On an axis without elements every index is out of range.
        builder.parallel("place", count: builder.extent(result.count)) { place in
          builder.badIndex(index(builder, indices, 0), extent: 0, of: group.operations[0].op.name, at: group.location)
          builder.store(y, place, .constant(0, LoopType(element)))
        }
      }
    }
    sink.call(
      builder,
      buffers: [try sink.buffer(of: source), try sink.buffer(of: picks), try sink.buffer(of: group.outputs[0])],
      work: result.count * Dimension(Work.element), at: group.location)
  }

  private func index(_ builder: KernelBuilder, _ indices: Buffer, _ place: Expression) -> Expression {
    Expression.load(indices, place, lanes: 1).data
  }

  private func copy(_ builder: KernelBuilder, _ x: Buffer, _ indices: Buffer, _ y: Buffer) throws {
    let shape = group.type(of: source).shape
    let (outer, inner) = (shape.prefix(axis).reduce(1, *), shape.suffix(from: axis + 1).reduce(1, *))
    let count = group.type(of: picks).count
    let size = builder.extent(shape[axis])
    func place(_ pick: Expression) -> Expression {
      builder.place(
        of: index(builder, indices, pick), extent: size, for: group.operations[0].op.name, at: group.location)
    }
    if inner == 1 {
      LoopNest.pieces(builder, outer: outer == 1 ? [] : [outer], inner: count) { positions, from, to in
        let slab = positions.first ?? 0
        builder.loop("pick", from: from, to: to) { pick in
          let value = Expression.load(x, slab * size + place(pick), lanes: 1)
          builder.store(y, slab * builder.extent(count) + pick, value)
        }
      }
      return
    }
    let evaluator = ElementEvaluator(group, builder, sink.target)
    let width = builder.extent(inner)
    // Narrow elements are copied one by one, which compilers make a copy of bytes.
    let lanes = element.bitWidth >= 32 ? sink.target.lanes(of: element) : 1
    try builder.parallel("row", count: builder.extent(outer * count)) { row in
      let slab = outer == 1 ? 0 : builder.declare("slab", row / builder.extent(count))
      let pick = outer == 1 ? row : builder.declare("pick", row % builder.extent(count))
      let from = builder.declare("from", (slab * size + place(pick)) * width)
      let to = builder.declare("to", row * width)
      let next = outer == 1 && lanes > 1 ? nextRow(builder, indices, row, count: count, inner: inner) : nil
      try LoopNest.vectors(evaluator, lanes: lanes, from: 0, to: width) { column, part in
        if let next, part == nil { builder.emit(.prefetch(x, next + column.base)) }
        let value = try evaluator.load(x, offset: from + column.base, step: .integer(column.step))
        builder.store(y, to + column.base, value, count: part)
      }
    }
  }

  /// Where the run begins that is copied some rows later, to be fetched meanwhile: no processor foresees it. An index that
  /// is out of range is clamped here, and told of when its own turn comes. Nil where the operand stays in a near cache, and
  /// for runs so long that the processor finds their lines by itself.
  private func nextRow(
    _ builder: KernelBuilder, _ indices: Buffer, _ row: Expression, count: Dimension, inner: Dimension
  ) -> Expression? {
    let run = inner.constant.map { $0 * element.bitWidth / 8 }
    let tuning = sink.target.tuning.elements
    guard Prefetch.isWorth(group.type(of: source), on: sink.target), (run ?? 0) <= tuning.longestPrefetchedRun else {
      return nil
    }
    let ahead = run.map { max(1, min(8, tuning.prefetchedRun / max(1, $0))) } ?? 1
    let (last, end) = (builder.extent(count) - 1, builder.extent(group.type(of: source).shape[axis]))
    let raw = builder.declare("next", index(builder, indices, .minimum(row + .integer(ahead), last)))
    let wrapped = Expression.binary(.add, raw, end.data)
    let place = Expression.select(.less(raw, Expression.integer(0).data), wrapped, raw)
    let clamped = Expression.binary(
      .maximum, Expression.integer(0).data, .binary(.minimum, place, (end - 1).data))
    return builder.declare("nextFrom", clamped.index * builder.extent(inner))
  }
}
