import TensorIR
import TensorOps

/// The statements that sort as many lines as a vector has lanes, all at once: element i of every line lies in vector i of
/// a block, and two vectors are put in order, lane by lane, by one minimum and one maximum. Which pairs are compared does
/// not depend on what they hold (a bitonic network, all of whose pairs have the less in front, so that what is missing
/// behind the end counts as the greatest).
///
/// K. E. Batcher, "Sorting networks and their applications", 1968; the form with pairs counted from both ends as in
/// D. E. Knuth, The Art of Computer Programming 3, 5.3.4.
struct SortNetwork {
  let builder: KernelBuilder
  /// The vectors, in 32 or 64 bits with a sign, for which every target has the comparison.
  let block: Buffer
  let lanes: Int
  /// How many neighbouring vectors are sorted in registers; the block holds a multiple of it.
  let group: Int
  /// Vectors that the nearest cache holds, a power of two.
  let chunk: Int

  init(_ builder: KernelBuilder, block: Buffer, _ target: Target) {
    (self.builder, self.block) = (builder, block)
    lanes = target.vectorBytes * 8 / block.element.bitWidth
    group = SortNetwork.group(target)
    chunk = target.tuning.sorting.networkBytes / target.vectorBytes
  }

  /// Half of the registers hold a group, the others what is being compared.
  static func group(_ target: Target) -> Int { target.registers >= 32 ? 16 : 8 }

  /// A range of vectors.
  private struct Span {
    var from: Expression
    var to: Expression
  }

  /// Sorts the first vectors of the block, a multiple of a group. `beside` is written into the first walk over the groups.
  func sort(_ count: Expression, beside: (_ group: Expression) -> Void) {
    let step = Expression.integer(chunk)
    func chunks(_ body: (Span) -> Void) {
      builder.loop("near", to: count, step: step, unroll: .none) { from in
        body(Span(from: from, to: builder.declare("end", .minimum(from + step, count))))
      }
    }
    chunks { near in
      groups(near, beside: beside) { sorted(&$0) }
      sizes(
        from: 2 * group, while: { .binary(.logicalAnd, .less($0, 2 * (near.to - near.from)), .less($0, step + 1)) }
      ) {
        size in
        mirror(size, near)
        levels(from: size / 4, downTo: group, near)
        groups(near) { cleaned(&$0) }
      }
    }
    sizes(from: 2 * chunk, while: { .less($0, 2 * count) }) { size in
      let whole = Span(from: 0, to: count)
      mirror(size, whole)
      levels(from: size / 4, downTo: chunk, whole)
      chunks { near in
        levels(from: .integer(chunk / 2), downTo: group, near)
        groups(near) { cleaned(&$0) }
      }
    }
  }

  /// Runs `body` for sizes that double.
  private func sizes(from: Int, while isWanted: (Expression) -> Expression, _ body: (Expression) -> Void) {
    let size = builder.mutable("size", .integer(from))
    let statements = builder.block {
      body(.variable(size))
      builder.assign(size, .variable(size) * 2)
    }
    builder.emit(.whileLoop(isWanted(.variable(size)), statements))
  }

  // MARK: Across groups

  /// Of every so many vectors, the first with the last, the second with the last but one, and so on: two halves in order
  /// become two halves of which none of the first is greater than one of the second.
  private func mirror(_ size: Expression, _ span: Span) {
    builder.loop("run", from: span.from, to: span.to, step: size, unroll: .none) { run in
      let last = builder.declare("last", run + size - 1)
      let first = builder.declare("first", .maximum(0, run + size - span.to))
      builder.loop("i", from: first, to: size / 2) { i in exchange(run + i, last - i) }
    }
  }

  /// Halving distances: each vector with the one so far behind it.
  private func levels(from: Expression, downTo least: Int, _ span: Span) {
    let distance = builder.mutable("distance", from)
    let body = builder.block {
      let far = Expression.variable(distance)
      builder.loop("run", from: span.from, to: span.to, step: far * 2, unroll: .none) { run in
        let end = builder.declare("run_end", .minimum(run + far, span.to - far))
        builder.loop("i", from: run, to: end) { i in exchange(i, i + far) }
      }
      builder.assign(distance, far / 2)
    }
    builder.emit(.whileLoop(.less(.integer(least - 1), .variable(distance)), body))
  }

  private func exchange(_ first: Expression, _ second: Expression) {
    var pair = [load("a", first), load("b", second)]
    compare(&pair, 0, 1)
    store(pair[0], first)
    store(pair[1], second)
  }

  // MARK: In registers

  /// Runs `order` on each group of vectors.
  private func groups(
    _ span: Span, beside: (Expression) -> Void = { _ in }, _ order: (inout [Expression]) -> Void
  ) {
    builder.loop("g", from: span.from, to: span.to, step: .integer(group), unroll: .none) { g in
      beside(g)
      var vectors = (0..<group).map { load("v", g + .integer($0)) }
      order(&vectors)
      for (number, vector) in vectors.enumerated() { store(vector, g + .integer(number)) }
    }
  }

  private func sorted(_ vectors: inout [Expression]) {
    var size = 2
    while size <= vectors.count {
      for run in stride(from: 0, to: vectors.count, by: size) {
        for i in 0..<size / 2 { compare(&vectors, run + i, run + size - 1 - i) }
      }
      cleaned(&vectors, from: size / 4)
      size *= 2
    }
  }

  /// The distances within a group.
  private func cleaned(_ vectors: inout [Expression], from: Int? = nil) {
    var distance = from ?? vectors.count / 2
    while distance > 0 {
      for i in vectors.indices where i & distance == 0 { compare(&vectors, i, i + distance) }
      distance /= 2
    }
  }

  private func compare(_ vectors: inout [Expression], _ first: Int, _ second: Int) {
    let (a, b) = (vectors[first], vectors[second])
    vectors[first] = builder.declare("low", .minimum(a, b))
    vectors[second] = builder.declare("high", .maximum(a, b))
  }

  private func load(_ name: String, _ vector: Expression) -> Expression {
    builder.declare(name, .load(block, vector * .integer(lanes), lanes: lanes))
  }

  private func store(_ value: Expression, _ vector: Expression) {
    builder.store(block, vector * .integer(lanes), value)
  }
}
