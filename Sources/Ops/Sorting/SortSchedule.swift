import TensorIR

/// Writes the kernels of a sort. Many or short lines are divided between the threads; few long ones are sorted by all
/// threads together, one after the other. Where sizes are not known, there is a kernel for either, and one does nothing.
struct SortSchedule {
  let op: any SortingOp
  let group: Group
  let anchor: Operation
  let sink: any KernelSink
  private let x: TensorType
  private let key: SortKey

  /// With this many lines, all threads have enough to do.
  private static let manyLines = 16
  /// A shorter line is not worth the threads' meeting.
  private static let longLine = 4096

  init(_ op: any SortingOp, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) {
    (self.op, self.group, self.anchor, self.sink) = (op, group, anchor, sink)
    x = group.type(of: anchor.operands[0])
    key = SortKey(x.elementType, descending: op.descending)
  }

  private var length: Dimension { x.shape[op.axis] }
  private var inner: Dimension { x.shape.suffix(from: op.axis + 1).reduce(1, *) }
  private var lines: Dimension { x.shape.prefix(op.axis).reduce(1, *) * inner }

  /// 1 where all threads sort a line together, otherwise 0.
  private var isShared: Dimension {
    let isLong = Dimension.minimum(1, length.floorDivided(by: Dimension(SortSchedule.longLine)))
    let hasMany = Dimension.minimum(1, lines.floorDivided(by: Dimension(SortSchedule.manyLines)))
    return isLong * (1 - hasMany)
  }

  func lower() throws {
    if isShared.constant != 1 { try kernel(shared: false) }
    if isShared.constant != 0 { try kernel(shared: true) }
  }

  private func kernel(shared: Bool) throws {
    guard let operand = anchor.operands[0] else { return }
    let builder = KernelBuilder(name: "\(op.name)_\(shared ? "line" : "lines")", comments: group.comments)
    let source = builder.parameter("x", x.elementType, .read)
    let result = builder.parameter("y", group.type(of: anchor.results[0]).elementType, .write)
    var references = [try sink.buffer(of: operand), try sink.buffer(of: anchor.results[0])]
    let used = shared ? isShared : 1 - isShared
    func scratch(_ name: String, _ element: ElementType, _ count: Dimension) -> Buffer {
      references.append(
        sink.scratch(name, bytes: count * used * Dimension(element.bitWidth / 8), perThread: !shared))
      return builder.parameter(name, element, .update)
    }
    let positions = type(of: op).givesPositions
    let sort = LineSort(
      builder: builder, key: key, source: source, result: result, keys: scratch("keys", key.storage, 2 * length),
      positions: positions ? scratch("positions", .i32, 2 * length) : nil, length: builder.extent(length),
      counts: shared
        ? scratch("counts", .i32, Dimension(LineSort.zeroCounts + 2 * LineSort.mostThreads)) : nil)
    func write() { shared ? together(sort) : each(sort) }
    if used.constant == 1 { write() } else { builder.branch(.less(0, builder.extent(used)), then: write) }
    let digits = Dimension((key.width + 10) / 11 * Work.element)
    sink.call(builder, buffers: references, work: x.count * used * digits, at: group.location)
  }

  /// Every thread sorts lines of its own.
  private func each(_ sort: LineSort) {
    sort.builder.parallel("line", count: sort.builder.extent(lines)) { sort.write(place(sort.builder, $0)) }
  }

  /// All threads sort one line after the other.
  private func together(_ sort: LineSort) {
    let builder = sort.builder
    builder.loop("line", to: builder.extent(lines), unroll: .none) { line in
      sort.write(place(builder, line))
      builder.emit(.barrier)
    }
  }

  private func place(_ builder: KernelBuilder, _ line: Expression) -> LineSort.Place {
    let length = builder.extent(length)
    if inner.constant == 1 { return .init(start: builder.declare("start", line * length), stride: 1) }
    let inner = builder.extent(inner)
    let start = line / inner * (length * inner) + line % inner
    return .init(start: builder.declare("start", start), stride: inner)
  }
}
