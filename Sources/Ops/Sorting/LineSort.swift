import TensorIR

/// The statements that sort one line of elements, by one thread or by all of them together.
///
/// Keys, and with them the positions where these are wanted, go from one half of scratch memory to the other and back,
/// digit by digit from the least significant one, each time keeping the order of equal digits (a radix sort). Threads take
/// neighbouring parts of the line; how it is parted does not matter, because there is one such order alone.
struct LineSort {
  let builder: KernelBuilder
  let key: SortKey
  /// The line's elements and what becomes of them.
  let source: Buffer
  let result: Buffer
  /// Two halves of `length` each.
  let keys: Buffer
  /// Likewise; nil where the result holds elements.
  let positions: Buffer?
  let length: Expression
  /// How many each thread has counted of each digit, for a line that all threads sort; nil for a line of one thread.
  let counts: Buffer?

  /// The most threads that share a line.
  static let mostThreads = 64
  /// Digits have 11 bits, or 8 where clearing and adding up 2048 counts would take longer than sorting does.
  static let mostDigits = 2048
  private static let longLine = 4096
  /// Inserting one after the other is faster up to this length.
  private static let shortLine: Expression = 32
  /// In `counts`, behind those of all threads and one row for threads that have no part: for each, how many of its elements are -0, and before zero.
  static let zeroCounts = (mostThreads + 1) * mostDigits

  private var givesPositions: Bool { positions != nil }
  /// A key does not tell which zero it was.
  private var restoresZeros: Bool { !givesPositions && key.element.isFloat }
  private var threads: Expression {
    counts == nil ? 1 : .minimum(builder.team, .integer(LineSort.mostThreads))
  }

  /// Where the line lies in memory.
  struct Place {
    var start: Expression
    /// The distance between neighbours.
    var stride: Expression
  }

  func write(_ place: Place) {
    let share = counts == nil ? nil : builder.declare("share", .minimum(builder.thread, threads))
    let from = share.map { builder.declare("first", length * $0 / threads) } ?? 0
    let to = share.map { builder.declare("last", length * .minimum($0 + 1, threads) / threads) } ?? length
    let negativeZeros = encode(place, from, to)
    let half = builder.mutable("half", 0)
    if counts == nil {
      builder.branch(.less(LineSort.shortLine, length), then: { passes(half, from, to) }, otherwise: insert)
    } else {
      builder.emit(.barrier)
      passes(half, from, to)
    }
    let before = decode(place, .variable(half), from, to)
    if restoresZeros { restoreZeros(place, negativeZeros, before) }
  }

  // MARK: Keys

  private func element(_ place: Place, _ i: Expression) -> Expression {
    .load(source, place.start + i * place.stride, lanes: 1)
  }

  /// Writes keys and positions; counts elements that are -0.
  private func encode(_ place: Place, _ from: Expression, _ to: Expression) -> Variable? {
    let negativeZeros = restoresZeros ? builder.mutable("negative_zeros", 0) : nil
    builder.loop("i", from: from, to: to) { i in
      let x = builder.declare("x", element(place, i))
      builder.store(keys, i, key.key(x, builder))
      if let positions { builder.store(positions, i, .convert(i, .i32)) }
      if let negativeZeros { count(negativeZeros, key.isNegativeZero(x)) }
    }
    return negativeZeros
  }

  /// Writes the result; counts keys that stand before zero.
  private func decode(_ place: Place, _ half: Expression, _ from: Expression, _ to: Expression) -> Variable? {
    let before = restoresZeros ? builder.mutable("before", 0) : nil
    builder.loop("i", from: from, to: to) { i in
      let target = place.start + i * place.stride
      if let positions {
        builder.store(result, target, .convert(.load(positions, half + i, lanes: 1), .i64))
      } else {
        let own = builder.declare("key", .load(keys, half + i, lanes: 1))
        builder.store(result, target, key.element(own, builder))
        if let before { count(before, key.isBeforeZero(own)) }
      }
    }
    return before
  }

  private func count(_ total: Variable, _ condition: Expression) {
    builder.assign(total, .variable(total) + .select(condition, 1, 0))
  }

  /// Puts the zeros back in the order in which they came, where one of them is -0.
  private func restoreZeros(_ place: Place, _ negativeZeros: Variable?, _ before: Variable?) {
    guard var negative = negativeZeros.map(Expression.variable), var first = before.map(Expression.variable) else {
      return
    }
    guard let counts else { return restoreZeros(place, negative, first) }
    let own = builder.declare("own", .integer(LineSort.zeroCounts) + builder.thread * 2)
    builder.branch(.less(builder.thread, threads)) {
      builder.store(counts, own, .convert(negative, .i32))
      builder.store(counts, own + 1, .convert(first, .i32))
    }
    builder.emit(.barrier)
    builder.branch(.binary(.equal, builder.thread, 0)) {
      let sums = ["all_negative", "all_before"].map { builder.mutable($0, 0) }
      builder.loop("t", to: threads) { t in
        for (part, sum) in sums.enumerated() {
          let more = Expression.load(counts, .integer(LineSort.zeroCounts + part) + t * 2, lanes: 1)
          builder.assign(sum, .variable(sum) + .convert(more, .i64))
        }
      }
      (negative, first) = (.variable(sums[0]), .variable(sums[1]))
      restoreZeros(place, negative, first)
    }
  }

  private func restoreZeros(_ place: Place, _ negative: Expression, _ first: Expression) {
    builder.branch(.less(0, negative)) {
      let next = builder.mutable("zero", first)
      builder.loop("i", to: length) { i in
        let x = builder.declare("x", element(place, i))
        builder.branch(.binary(.equal, x, .number(0, x.type))) {
          builder.store(result, place.start + .variable(next) * place.stride, x)
          builder.assign(next, .variable(next) + 1)
        }
      }
    }
  }

  // MARK: Orders

  /// Each key goes in front of the greater ones before it.
  private func insert() {
    builder.loop("i", from: 1, to: length) { i in
      let own = builder.declare("key", .load(keys, i, lanes: 1))
      let place = builder.mutable("j", i)
      let left = Expression.variable(place) - 1
      let isGreater = Expression.binary(.greater, .load(keys, left, lanes: 1), own)
      let body = builder.block {
        builder.store(keys, .variable(place), .load(keys, left, lanes: 1))
        if let positions { builder.store(positions, .variable(place), .load(positions, left, lanes: 1)) }
        builder.assign(place, left)
      }
      builder.emit(.whileLoop(.binary(.logicalAnd, .less(0, .variable(place)), isGreater), body))
      builder.store(keys, .variable(place), own)
      if let positions { builder.store(positions, .variable(place), .convert(i, .i32)) }
    }
  }

  /// One pass for each digit; `half` says where the keys are.
  private func passes(_ half: Variable, _ from: Expression, _ to: Expression) {
    let isLong = Expression.less(.integer(LineSort.longLine - 1), length)
    let bits: Expression = key.width <= 8 ? 8 : builder.declare("bits", .select(isLong, 11, 8))
    let digits = builder.declare("digits", key.width <= 8 ? 256 : .select(isLong, .integer(LineSort.mostDigits), 256))
    let starts = builder.array("starts", .i32, count: LineSort.mostDigits)
    builder.loop("shift", to: .integer(key.width), step: bits, unroll: .none) { shift in
      let digit = Digit(
        shift: builder.declare("by", .convert(shift, key.storage)),
        mask: builder.declare("mask", .convert(digits - 1, key.storage)), count: digits)
      let old = builder.declare("old", .variable(half))
      let isMoved = count(digit, old, starts, from, to)
      builder.branch(isMoved) {
        scatter(digit, from: old, to: builder.declare("new", length - old), starts, from, to)
      }
      builder.assign(half, .select(isMoved, length - old, old))
      if counts != nil { builder.emit(.barrier) }
    }
  }

  private struct Digit {
    var shift: Expression
    var mask: Expression
    /// How many different ones there are.
    var count: Expression

    func of(_ key: Expression) -> Expression {
      .convert(.binary(.bitAnd, .binary(.shiftRight, key, shift), mask), .i64)
    }
  }

  /// Finds where the first key of each digit goes in this thread's part; whether there are two different digits.
  private func count(
    _ digit: Digit, _ old: Expression, _ starts: Buffer, _ from: Expression, _ to: Expression
  ) -> Expression {
    let all = counts ?? starts
    let base =
      counts == nil ? 0 : builder.declare("base", .minimum(builder.thread, threads) * .integer(LineSort.mostDigits))
    builder.loop("d", to: digit.count) { builder.store(all, base + $0, .literal(0, LoopType(.i32))) }
    builder.loop("i", from: from, to: to) { i in
      let own = builder.declare("d", base + digit.of(.load(keys, old + i, lanes: 1)))
      builder.store(all, own, .binary(.add, .load(all, own, lanes: 1), .literal(1, LoopType(.i32))))
    }
    if counts != nil { builder.emit(.barrier) }
    let total = builder.mutable("total", 0)
    let greatest = builder.mutable("greatest", 0)
    builder.loop("d", to: digit.count) { d in
      let start = builder.declare("start", .variable(total))
      if counts == nil {
        let found = builder.declare("found", .convert(.load(starts, d, lanes: 1), .i64))
        builder.store(starts, d, .convert(start, .i32))
        builder.assign(total, start + found)
      } else {
        builder.loop("t", to: threads) { t in
          let found = Expression.load(all, t * .integer(LineSort.mostDigits) + d, lanes: 1)
          builder.branch(.binary(.equal, t, builder.thread)) {
            builder.store(starts, d, .convert(.variable(total), .i32))
          }
          builder.assign(total, .variable(total) + .convert(found, .i64))
        }
      }
      builder.assign(greatest, .maximum(.variable(greatest), .variable(total) - start))
    }
    return builder.declare("is_moved", .less(.variable(greatest), length))
  }

  private func scatter(
    _ digit: Digit, from old: Expression, to new: Expression, _ starts: Buffer, _ from: Expression,
    _ to: Expression
  ) {
    builder.loop("i", from: from, to: to) { i in
      let own = builder.declare("key", .load(keys, old + i, lanes: 1))
      let d = builder.declare("d", digit.of(own))
      let place = builder.declare("place", .load(starts, d, lanes: 1))
      builder.store(starts, d, .binary(.add, place, .literal(1, LoopType(.i32))))
      let target = builder.declare("target", new + .convert(place, .i64))
      builder.store(keys, target, own)
      if let positions { builder.store(positions, target, .load(positions, old + i, lanes: 1)) }
    }
  }
}
