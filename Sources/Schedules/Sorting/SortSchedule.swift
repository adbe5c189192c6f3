import TensorIR
import TensorOps

/// Writes the kernels of a sort. Several lines that are not long are sorted at once in the lanes of vectors; other lines
/// are divided between the threads; few long ones are sorted by all threads together, one after the other. Where sizes are
/// not known, there is a kernel for each, and all but one do nothing.
struct SortSchedule {
  let op: any SortingOp
  let group: Group
  let anchor: Operation
  let sink: any KernelSink
  private let x: TensorType
  private let key: SortKey
  private let laneKey: LaneKey?

  /// A shorter line is not worth the threads' meeting.
  private static let longLine = LaneKey.longestLine + 1

  init(_ op: any SortingOp, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) {
    (self.op, self.group, self.anchor, self.sink) = (op, group, anchor, sink)
    x = group.type(of: anchor.operands[0])
    key = SortKey(x.elementType, descending: op.descending)
    laneKey = LaneKey(key, givesPositions: type(of: op).givesPositions)
  }

  private var tuning: Tuning.Sorting { sink.target.tuning.sorting }
  private var axisLines: AxisLines { AxisLines(x.shape, axis: op.axis) }
  private var length: Dimension { axisLines.length }
  private var inner: Dimension { axisLines.inner }
  private var lines: Dimension { axisLines.count }
  private var lanes: Int { laneKey.map { sink.target.vectorBytes * 8 / $0.storage.bitWidth } ?? 1 }

  /// 1 where a dimension is at least `limit`, otherwise 0.
  private func reaches(_ limit: Int, _ dimension: Dimension) -> Dimension {
    .minimum(1, dimension.floorDivided(by: Dimension(limit)))
  }

  /// 1 where lines are sorted in the lanes of vectors, otherwise 0.
  private var isBatched: Dimension {
    // Two lanes save nothing.
    if lanes < 4 { return 0 }
    let longest = min(LaneKey.longestLine, lanes * tuning.longestPerLane)
    return (1 - reaches(longest + 1, length)) * reaches(tuning.fewestInLanes, lines)
  }

  /// 1 where all threads sort a line together, otherwise 0.
  private var isShared: Dimension {
    reaches(SortSchedule.longLine, length) * (1 - reaches(tuning.manyLines, lines))
  }

  func lower() throws {
    let (batched, shared) = (isBatched, isShared)
    try kernel("batch", batched, perThread: true, batches)
    try kernel("lines", 1 - batched - shared, perThread: true) { each(lineSort($0, $1, isShared: false)) }
    try kernel("line", shared, perThread: false) { together(lineSort($0, $1, isShared: true)) }
  }

  /// A kernel in the making, which may ask for scratch memory.
  private final class Draft {
    let builder: KernelBuilder
    let scratch: (_ name: String, _ bytes: Dimension) -> BufferReference
    var references: [BufferReference]

    init(
      _ builder: KernelBuilder, _ references: [BufferReference],
      scratch: @escaping (_ name: String, _ bytes: Dimension) -> BufferReference
    ) {
      (self.builder, self.references, self.scratch) = (builder, references, scratch)
    }

    func scratch(_ name: String, _ element: ElementType, _ count: Dimension) -> Buffer {
      references.append(scratch(name, count * Dimension(element.bitWidth / 8)))
      return builder.parameter(name, element, .update)
    }
  }

  /// Writes a kernel that does something where `used` is 1.
  private func kernel(
    _ word: String, _ used: Dimension, perThread: Bool, _ write: (Draft, (source: Buffer, result: Buffer)) -> Void
  ) throws {
    guard used.constant != 0, let operand = anchor.operands[0] else { return }
    let builder = KernelBuilder(name: "\(op.name)_\(word)", comments: group.comments, for: sink.target)
    let source = builder.parameter("x", x.elementType, .read)
    let result = builder.parameter("y", group.type(of: anchor.results[0]).elementType, .write)
    let references = [try sink.buffer(of: operand), try sink.buffer(of: anchor.results[0])]
    let draft = Draft(builder, references) { sink.scratch($0, bytes: $1 * used, perThread: perThread) }
    let body = builder.block { write(draft, (source, result)) }
    if used.constant == 1 {
      body.forEach(builder.emit)
    } else {
      builder.emit(.branch(.less(0, builder.extent(used)), then: body, otherwise: []))
    }
    let digits = Dimension((key.width + 10) / 11 * Work.element)
    sink.call(builder, buffers: draft.references, work: x.count * used * digits, at: group.location)
  }

  private func batches(_ draft: Draft, _ buffers: (source: Buffer, result: Buffer)) {
    guard let laneKey else { return }
    let builder = draft.builder
    let room = (length + Dimension(SortNetwork.group(sink.target))) * Dimension(lanes)
    let block = draft.scratch("block", laneKey.storage, room)
    let batch = LineBatch(
      builder: builder, key: laneKey, source: buffers.source, result: buffers.result,
      network: SortNetwork(builder, block: block, sink.target), length: builder.extent(length),
      lines: builder.extent(lines), inner: inner.constant == 1 ? nil : builder.extent(inner),
      prefetches: Prefetch.isWorth(x, on: sink.target))
    let count = (batch.lines + .integer(lanes - 1)) / .integer(lanes)
    builder.parallel("batch", count: builder.declare("batches", count), batch.write)
  }

  private func lineSort(
    _ draft: Draft, _ buffers: (source: Buffer, result: Buffer), isShared: Bool
  ) -> LineSort {
    let positions = type(of: op).givesPositions
    return LineSort(
      builder: draft.builder, key: key, source: buffers.source, result: buffers.result,
      keys: draft.scratch("keys", key.storage, 2 * length),
      positions: positions ? draft.scratch("positions", .i32, 2 * length) : nil, length: draft.builder.extent(length),
      shared: isShared
        ? .init(
          counts: draft.scratch("counts", .i32, Dimension(LineSort.Shared.countsSize)),
          surveys: draft.scratch("surveys", key.storage, Dimension(LineSort.Shared.surveysSize))) : nil)
  }

  /// Every thread sorts lines of its own.
  private func each(_ sort: LineSort) {
    sort.builder.parallel("line", count: sort.builder.extent(lines)) { sort.write(axisLines.place($0, sort.builder)) }
  }

  /// All threads sort one line after the other.
  private func together(_ sort: LineSort) {
    let builder = sort.builder
    builder.loop("line", to: builder.extent(lines), unroll: .none) { line in
      sort.write(axisLines.place(line, builder))
      builder.emit(.barrier)
    }
  }
}
