import TensorIR
import TensorOps

/// Writes the kernel of a ``NonMaxSuppression``. One thread takes the best box that is left again and again, and takes
/// out those that it overlaps; where a row goes depends on all before it.
struct BoxSelection {
  private let op: NonMaxSuppression
  private let kernel: GroupKernel
  private let boxes: Buffer
  private let scores: Buffer
  private let limits: [Buffer]
  /// The scores of a class, minus infinity for what is out.
  private let left: Buffer
  private let shape: [Dimension]
  private var builder: KernelBuilder { kernel.builder }

  private static let type = LoopType(.f32)
  private static let none = Expression.number(-.infinity, type)

  init(_ op: NonMaxSuppression, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) throws {
    self.op = op
    var kernel = try GroupKernel(group, sink)
    let found = anchor.operands.compactMap { $0.flatMap { kernel.evaluator.buffer(of: $0) } }
    guard found.count == 5, kernel.results.count == 2 || kernel.results.count == 1 else {
      throw Diagnostic("internal", "'\(op.name)' has no operands in memory", at: anchor.location)
    }
    (boxes, scores, limits) = (found[0], found[1], Array(found[2...]))
    shape = group.type(of: anchor.operands[1]).shape
    left = kernel.scratch("left", .f32, count: shape[2], perThread: false)
    self.kernel = kernel
  }

  func lower() throws {
    let results = kernel.results.map(\.buffer)
    builder.branch(.binary(.equal, builder.thread, 0)) {
      let found = builder.mutable("found", 0)
      let count = builder.extent(shape[2])
      let wanted = builder.declare("wanted", .minimum(.asIndex(.load(limits[0], 0, lanes: 1)), count))
      let limit = builder.declare("limit", .load(limits[1], 0, lanes: 1))
      let least = builder.declare("least", .load(limits[2], 0, lanes: 1))
      builder.loop("batch", to: builder.extent(shape[0])) { batch in
        builder.loop("kind", to: builder.extent(shape[1])) { kind in
          gather(from: (batch * builder.extent(shape[1]) + kind) * count, count, above: least)
          builder.loop("turn", to: wanted) { _ in
            take(batch, kind, batch * count, count, limit, found, into: results[0])
          }
        }
      }
      builder.loop("rest", from: .variable(found) * 3, to: builder.extent(op.rows * 3)) { place in
        builder.store(results[0], place, Expression.integer(0).data)
      }
      if results.count > 1 { builder.store(results[1], 0, Expression.variable(found).data) }
    }
    kernel.finish(work: shape.reduce(1, *) * Dimension(Work.element))
  }

  private func gather(from start: Expression, _ count: Expression, above least: Expression) {
    builder.loop("i", to: count) { i in
      let score = builder.declare("score", .load(scores, start + i, lanes: 1))
      builder.store(left, i, .select(.binary(.greater, score, least), score, BoxSelection.none))
    }
  }

  /// Takes the best box that is left, if there is one.
  private func take(
    _ batch: Expression, _ kind: Expression, _ start: Expression, _ count: Expression, _ limit: Expression,
    _ found: Variable, into result: Buffer
  ) {
    let best = builder.mutable("best", 0)
    let top = builder.mutable("top", BoxSelection.none)
    builder.loop("i", to: count) { i in
      let score = builder.declare("score", .load(left, i, lanes: 1))
      builder.branch(.binary(.greater, score, .variable(top))) {
        builder.assign(top, score)
        builder.assign(best, i)
      }
    }
    let isThere = Expression.binary(.greater, .variable(top), BoxSelection.none)
    let hasRoom = Expression.less(.variable(found), builder.extent(op.rows))
    builder.branch(.binary(.logicalAnd, isThere, hasRoom)) {
      for (column, value) in [batch, kind, .variable(best)].enumerated() {
        builder.store(result, .variable(found) * 3 + .integer(column), value.data)
      }
      builder.assign(found, .variable(found) + 1)
      let own = corners(start + .variable(best), "own")
      builder.store(left, .variable(best), BoxSelection.none)
      builder.loop("i", to: count) { i in
        builder.branch(.binary(.greater, .load(left, i, lanes: 1), BoxSelection.none)) {
          drop(i, own, corners(start + i, "other"), limit)
        }
      }
    }
  }

  private typealias Corners = (low: [Expression], high: [Expression], area: Expression)

  private func corners(_ box: Expression, _ name: String) -> Corners {
    let b = (0..<4).map { builder.declare("\(name)\($0)", .load(boxes, box * 4 + .integer($0), lanes: 1)) }
    var (low, high): ([Expression], [Expression]) = ([], [])
    for axis in 0..<2 {
      if op.centred {
        let half = builder.declare("half", .binary(.divide, b[axis + 2], .number(2, BoxSelection.type)))
        low.append(builder.declare("low", .binary(.subtract, b[axis], half)))
        high.append(builder.declare("high", .binary(.add, b[axis], half)))
      } else {
        low.append(least(b[axis], b[axis + 2]))
        high.append(most(b[axis], b[axis + 2]))
      }
    }
    let sides = zip(high, low).map { Expression.binary(.subtract, $0, $1) }
    return (low, high, builder.declare("area", .binary(.multiply, sides[0], sides[1])))
  }

  private func least(_ a: Expression, _ b: Expression) -> Expression {
    builder.declare("low", .select(.less(a, b), a, b))
  }

  private func most(_ a: Expression, _ b: Expression) -> Expression {
    builder.declare("high", .select(.less(a, b), b, a))
  }

  /// Takes a box out that overlaps another one too much.
  private func drop(_ i: Expression, _ a: Corners, _ b: Corners, _ limit: Expression) {
    let sides = (0..<2).map { axis in
      builder.declare("side", .binary(.subtract, least(a.high[axis], b.high[axis]), most(a.low[axis], b.low[axis])))
    }
    let zero = Expression.number(0, BoxSelection.type)
    let positive = (sides + [a.area, b.area]).map { Expression.binary(.greater, $0, zero) }
    builder.branch(positive.dropFirst().reduce(positive[0]) { .binary(.logicalAnd, $0, $1) }) {
      let shared = builder.declare("shared", .binary(.multiply, sides[0], sides[1]))
      let union = Expression.binary(.subtract, .binary(.add, a.area, b.area), shared)
      let ratio = builder.declare("ratio", .binary(.divide, shared, union))
      builder.branch(.binary(.greater, ratio, limit)) { builder.store(left, i, BoxSelection.none) }
    }
  }
}
