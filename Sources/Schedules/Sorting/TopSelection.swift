import TensorIR
import TensorOps

/// Writes the kernel of an ``ArgTopK``. Each thread takes lines of its own. The best elements of a line so far are a heap
/// with the worst of them at its root; the others are compared with that one, a few vectors at a time where the line is
/// contiguous, and seldom get further. At the end the heap is sorted in place.
struct TopSelection {
  private let op: ArgTopK
  private let key: SortKey
  private let source: AxisLines
  private let result: AxisLines
  private let kernel: GroupKernel
  private let heap: EntryHeap
  private let x: Buffer
  private let y: Buffer
  private var builder: KernelBuilder { kernel.builder }

  init(_ op: ArgTopK, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) throws {
    let type = group.type(of: anchor.operands[0])
    self.op = op
    key = SortKey(type.elementType, descending: op.largest)
    source = AxisLines(type.shape, axis: op.axis)
    result = AxisLines(group.type(of: anchor.results[0]).shape, axis: op.axis)
    var kernel = try GroupKernel(group, sink)
    guard let operand = anchor.operands[0], let x = kernel.evaluator.buffer(of: operand), let y = kernel.results.first
    else {
      throw Diagnostic("internal", "'\(op.name)' has no operand in memory", at: anchor.location)
    }
    (self.x, self.y) = (x, y.buffer)
    heap = EntryHeap(
      builder: kernel.builder, keys: kernel.scratch("keys", key.storage, count: op.count),
      positions: kernel.scratch("positions", .i64, count: op.count))
    self.kernel = kernel
  }

  func lower() throws {
    let count = builder.extent(op.count)
    try builder.parallel("line", count: builder.extent(result.count)) { line in
      let place = source.place(line, builder)
      builder.loop("i", to: count) { i in heap.put(entry(i, place), at: i) }
      heap.makeHeap(count)
      try builder.branch(.less(0, count)) { try walk(place, from: count) }
      heap.sortHeap(count)
      let target = result.place(line, builder)
      builder.loop("i", to: count) { i in builder.store(y, target[i], .load(heap.positions, i, lanes: 1)) }
    }
    kernel.finish(work: source.count * source.length * Dimension(Work.element))
  }

  private func element(_ i: Expression, _ place: LinePlace) -> Expression { .load(x, place[i], lanes: 1) }

  private func entry(_ i: Expression, _ place: LinePlace) -> EntryHeap.Entry {
    let own = key.key(builder.declare("x", element(i, place)), builder)
    return EntryHeap.Entry(key: own, position: i)
  }

  // MARK: Those behind the first

  private func walk(_ place: LinePlace, from count: Expression) throws {
    let length = builder.extent(source.length)
    let lanes = kernel.sink.target.lanes(of: key.element)
    guard place.stride.constantIndex == 1, lanes > 1, TopSelection.inVectors.contains(key.element) else {
      return builder.loop("i", from: count, to: length) { offer($0, place, nil) }
    }
    let limit = builder.mutable("limit", worst(place, lanes))
    let stretch = Expression.integer(builder.target.tuning.sorting.selectedVectors * lanes)
    let whole = builder.declare("wholeEnd", length - (length - count) % stretch)
    try builder.loop("i", from: count, to: whole, step: stretch) { i in
      let behind = try (0..<builder.target.tuning.sorting.selectedVectors).map { part in
        try isBehind(place.start + i + .integer(part * lanes), .variable(limit), lanes)
      }
      let all = behind.dropFirst().reduce(behind[0]) { .binary(.bitAnd, $0, $1) }
      builder.branch(.unary(.logicalNot, .reduce(.minimum, builder.declare("all", all)))) {
        for (part, mask) in behind.enumerated() {
          builder.branch(.unary(.logicalNot, .reduce(.minimum, mask))) {
            let first = i + .integer(part * lanes)
            builder.loop("l", from: first, to: first + .integer(lanes)) { offer($0, place, (limit, lanes)) }
          }
        }
      }
    }
    builder.loop("i", from: whole, to: length) { offer($0, place, nil) }
  }

  /// Types whose vectors are compared; others are looked at one by one.
  private static let inVectors: Set<ElementType> = [.f32, .f64, .f16, .bf16, .i32, .u32, .i64, .u64]

  /// The worst of the best, in all lanes.
  private func worst(_ place: LinePlace, _ lanes: Int) -> Expression {
    .broadcast(builder.declare("worst", element(.asIndex(.load(heap.positions, 0, lanes: 1)), place)), lanes: lanes)
  }

  /// Which elements of a vector certainly do not come before the worst of the best; those equal to it do not, for they
  /// stand later. Comparisons with NaN, the greatest of all, are false.
  private func isBehind(_ offset: Expression, _ limit: Expression, _ lanes: Int) throws -> Expression {
    let values = try kernel.evaluator.scope(lanes: lanes) { try kernel.evaluator.load(x, offset: offset, step: 1) }
    if op.largest { return builder.declare("behind", .binary(.lessEqual, values, limit)) }
    let behind = Expression.binary(.greaterEqual, values, limit)
    let isNaN = Expression.binary(.notEqual, values, values)
    return builder.declare("behind", key.element.isFloat ? .binary(.bitOr, behind, isNaN) : behind)
  }

  /// An element takes the place of the worst if it comes before it. Those that came earlier are before their equals.
  private func offer(_ i: Expression, _ place: LinePlace, _ limit: (Variable, lanes: Int)?) {
    let own = entry(i, place)
    builder.branch(.less(own.key, .load(heap.keys, 0, lanes: 1))) {
      heap.sift(own, from: 0, end: builder.extent(op.count))
      if let limit { builder.assign(limit.0, worst(place, limit.lanes)) }
    }
  }
}
