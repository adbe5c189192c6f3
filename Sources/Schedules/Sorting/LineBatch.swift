import TensorIR
import TensorOps

/// The statements that sort as many neighbouring lines as a vector has lanes, by one thread: keys go into a block whose
/// vectors hold one element of each line, a ``SortNetwork`` sorts the block, and elements, or positions, come out.
struct LineBatch {
  let builder: KernelBuilder
  let key: LaneKey
  let source: Buffer
  let result: Buffer
  let network: SortNetwork
  let length: Expression
  /// How many lines there are.
  let lines: Expression
  /// How many lines lie between each other; nil where every line is contiguous.
  let inner: Expression?
  /// Whether the elements may lie in far memory.
  let prefetches: Bool

  private var lanes: Int { network.lanes }
  private var restoresZeros: Bool { !key.givesPositions && key.key.element.isFloat }

  func write(_ batch: Expression) {
    let first = builder.declare("line", batch * .integer(lanes))
    let count = builder.declare("count", .minimum(.integer(lanes), lines - first))
    let starts = inner.map { _ in builder.array("starts", .i64, count: lanes) }
    if let starts {
      builder.loop("l", to: count) { l in builder.store(starts, l, start(builder.declare("own", first + l)).data) }
    }
    func place(_ l: Expression) -> LinePlace {
      guard let starts, let inner else {
        return LinePlace(start: builder.declare("start", start(first + l)), stride: 1)
      }
      return LinePlace(start: .asIndex(.load(starts, l, lanes: 1)), stride: inner)
    }
    let negative = restoresZeros ? builder.array("negative", .u8, count: lanes) : nil
    fill(count, place, negative)
    sort(first)
    each(count, place) { l, i, place in
      let own = builder.declare("own", .load(network.block, i * .integer(lanes) + l, lanes: 1))
      builder.store(result, place[i], key.result(own, builder))
    }
    guard let negative else { return }
    builder.loop("l", to: count) { l in
      builder.branch(.binary(.notEqual, .load(negative, l, lanes: 1), .literal(0, LoopType(.u8)))) {
        SortedZeros(builder: builder, key: key.key, source: source, result: result, length: length).restore(place(l))
      }
    }
  }

  private func start(_ line: Expression) -> Expression {
    guard let inner else { return line * length }
    return line / inner * (length * inner) + line % inner
  }

  /// Visits all elements in an order in which memory is read and written in stretches.
  private func each(
    _ count: Expression, _ place: (Expression) -> LinePlace,
    _ body: (_ l: Expression, _ i: Expression, _ place: LinePlace) -> Void
  ) {
    if inner == nil {
      builder.loop("l", to: count) { l in
        let own = place(l)
        builder.loop("i", to: length) { i in body(l, i, own) }
      }
    } else {
      builder.loop("i", to: length) { i in builder.loop("l", to: count) { l in body(l, i, place(l)) } }
    }
  }

  /// Makes the keys, and notes for each line whether an element is -0.
  private func fill(_ count: Expression, _ place: (Expression) -> LinePlace, _ negative: Buffer?) {
    if let negative {
      builder.loop("l", to: .integer(lanes)) { builder.store(negative, $0, .literal(0, LoopType(.u8))) }
    }
    each(count, place) { l, i, place in
      let x = builder.declare("x", .load(source, place[i], lanes: 1))
      let own = key.key.key(x, builder)
      builder.store(network.block, i * .integer(lanes) + l, key.number(own, at: i))
      guard let negative else { return }
      let isNegative = Expression.convert(key.key.isNegativeZero(x), .u8)
      builder.store(negative, l, .binary(.bitOr, .load(negative, l, lanes: 1), isNegative))
    }
  }

  /// Lanes without a line hold anything; what they hold goes nowhere.
  private func sort(_ first: Expression) {
    let group = Expression.integer(network.group)
    let whole = builder.declare("whole", (length + group - 1) / group * group)
    let greatest = builder.declare("greatest", .broadcast(key.greatest, lanes: lanes))
    builder.loop("i", from: length, to: whole) { builder.store(network.block, $0 * .integer(lanes), greatest) }
    network.sort(whole) { prefetch(first, $0) }
  }

  /// Asks for a piece of the next lines while these are compared, which leaves memory idle.
  private func prefetch(_ first: Expression, _ group: Expression) {
    if inner != nil || !prefetches { return }
    let piece = network.group * lanes
    let from = builder.declare("ahead", (first + .integer(lanes)) * length + group * .integer(lanes))
    builder.branch(.less(from + .integer(piece), lines * length)) {
      let step = builder.target.tuning.elements.cacheLine * 8 / source.element.bitWidth
      builder.loop("p", to: .integer(piece), step: .integer(step), unroll: .full) {
        builder.emit(.prefetch(source, from + $0))
      }
    }
  }
}
