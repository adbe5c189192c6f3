import TensorIR
import TensorOps

/// The statements that sort one line of elements, by one thread or by all of them together: digit by digit from the least
/// significant one, each time keeping the order of equal digits (a radix sort). Keys, and with them the positions where these
/// are wanted, go from one half of scratch memory to the other. Digits that are the same in all keys are passed over. Keys
/// are made and turned back in walks of their own: vectors do these, and only scratch memory is written here and there,
/// which a caller's memory in small pages would make slow.
///
/// Threads take neighbouring parts of the line; how it is parted does not matter, because there is one such order alone.
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
  /// What threads tell each other of a line that all of them sort; nil for a line of one thread.
  let shared: Shared?

  struct Shared {
    /// How many each thread has counted of each digit, and a row for threads that have no part.
    let counts: Buffer
    /// For each thread its ``Survey``.
    let surveys: Buffer

    static let countsSize = (LineSort.mostThreads + 1) * LineSort.mostDigits
    static let surveysSize = 3 * (LineSort.mostThreads + 1)
  }

  /// The most threads that share a line.
  static let mostThreads = 64
  /// Digits have at most 11 bits, or 8 where clearing and adding up 2048 counts would take longer than sorting does.
  static let mostDigits = 2048

  private var givesPositions: Bool { positions != nil }
  private var restoresZeros: Bool { !givesPositions && key.element.isFloat }
  private var threads: Expression {
    shared == nil ? 1 : .minimum(builder.team, .integer(LineSort.mostThreads))
  }
  private var passCount: Int { (key.width + 10) / 11 }
  private var bits: Int { (key.width + passCount - 1) / passCount }
  private var hasOneDigit: Bool { key.width <= 8 }
  private var word: LoopType { LoopType(key.storage) }

  func write(_ place: LinePlace) {
    if shared != nil { return radix(place) }
    builder.branch(
      .less(.integer(builder.target.tuning.sorting.shortLine), length), then: { radix(place) },
      otherwise: { insert(place) })
  }

  private func element(_ place: LinePlace, _ i: Expression) -> Expression {
    .load(source, place[i], lanes: 1)
  }

  private func negativeZero(_ x: Expression) -> Expression {
    .select(key.isNegativeZero(x), .literal(1, word), .literal(0, word))
  }

  private func zeros() -> SortedZeros {
    SortedZeros(builder: builder, key: key, source: source, result: result, length: length)
  }

  // MARK: Short lines

  /// Each key goes in front of the greater ones before it.
  private func insert(_ place: LinePlace) {
    let negative = restoresZeros ? builder.mutable("negative", .literal(0, word)) : nil
    builder.loop("i", to: length) { i in
      let x = builder.declare("x", element(place, i))
      let own = key.key(x, builder)
      if let negative { builder.assign(negative, .binary(.bitOr, .variable(negative), negativeZero(x))) }
      let free = builder.mutable("j", i)
      let left = Expression.variable(free) - 1
      let isGreater = Expression.binary(.greater, .load(keys, left, lanes: 1), own)
      let body = builder.block {
        builder.store(keys, .variable(free), .load(keys, left, lanes: 1))
        if let positions { builder.store(positions, .variable(free), .load(positions, left, lanes: 1)) }
        builder.assign(free, left)
      }
      builder.emit(.whileLoop(.binary(.logicalAnd, .less(0, .variable(free)), isGreater), body))
      builder.store(keys, .variable(free), own)
      if let positions { builder.store(positions, .variable(free), .convert(i, .i32)) }
    }
    builder.loop("i", to: length) { i in
      let own = builder.declare("key", .load(keys, i, lanes: 1))
      write(place, i, own, positions.map { .load($0, i, lanes: 1) })
    }
    if let negative { restore(place, .variable(negative)) }
  }

  /// Writes what the result has at a place of the order.
  func write(_ place: LinePlace, _ i: Expression, _ own: Expression, _ position: Expression?) {
    builder.store(result, place[i], position.map { .convert($0, .i64) } ?? key.element(own, builder))
  }

  private func restore(_ place: LinePlace, _ negative: Expression) {
    builder.branch(.binary(.notEqual, negative, .literal(0, word))) { zeros().restore(place) }
  }

  // MARK: Long lines

  /// What is known of all keys before they are sorted: the bits that are set in any and in all of them, and whether an
  /// element is -0.
  private struct Survey {
    var any: Expression
    var all: Expression
    var negative: Expression?

    /// The bits that are not the same in all keys.
    var varying: Expression { .binary(.bitXor, any, all) }
  }

  private func radix(_ place: LinePlace) {
    let share = shared.map { _ in builder.declare("share", .minimum(builder.thread, threads)) }
    let from = share.map { builder.declare("first", length * $0 / threads) } ?? 0
    let to = share.map { builder.declare("last", length * .minimum($0 + 1, threads) / threads) } ?? length
    let part = RadixPass.Part(place: place, share: share ?? 0, from: from, to: to)
    let survey = combined(self.survey(part), part)
    let varying = builder.declare("varying", survey.varying)
    let half = passes(part, varying)
    hasOneDigit ? copy(part, varying) : decode(part, half)
    guard let negative = survey.negative else { return }
    if shared == nil { return restore(place, negative) }
    builder.emit(.barrier)
    builder.branch(.binary(.equal, builder.thread, 0)) { restore(place, negative) }
  }

  /// Where there was nothing to order, nothing has been written.
  private func copy(_ part: RadixPass.Part, _ varying: Expression) {
    builder.branch(.binary(.equal, varying, .literal(0, word))) {
      builder.loop("i", from: part.from, to: part.to) { i in
        builder.store(result, part.place[i], givesPositions ? i.data : element(part.place, i))
      }
    }
  }

  private func decode(_ part: RadixPass.Part, _ half: Expression) {
    builder.loop("i", from: part.from, to: part.to) { i in
      let own = builder.declare("key", .load(keys, half + i, lanes: 1))
      write(part.place, i, own, positions.map { .load($0, half + i, lanes: 1) })
    }
  }

  /// What a thread finds in its part, whose keys and positions it writes into the first half.
  private func survey(_ part: RadixPass.Part) -> Survey {
    let any = builder.mutable("any", .literal(0, word))
    let all = builder.mutable("all", .unary(.bitNot, .literal(0, word)))
    let negative = restoresZeros ? builder.mutable("negative", .literal(0, word)) : nil
    builder.loop("i", from: part.from, to: part.to) { i in
      let x = builder.declare("x", element(part.place, i))
      let own = key.key(x, builder)
      if !hasOneDigit {
        builder.store(keys, i, own)
        if let positions { builder.store(positions, i, .convert(i, .i32)) }
      }
      builder.assign(any, .binary(.bitOr, .variable(any), own))
      builder.assign(all, .binary(.bitAnd, .variable(all), own))
      if let negative { builder.assign(negative, .binary(.bitOr, .variable(negative), negativeZero(x))) }
    }
    return Survey(any: .variable(any), all: .variable(all), negative: negative.map(Expression.variable))
  }

  /// What all threads have found, the same for each of them.
  private func combined(_ own: Survey, _ part: RadixPass.Part) -> Survey {
    guard let shared else { return own }
    let fields = [own.any, own.all] + (own.negative.map { [$0] } ?? [])
    for (number, field) in fields.enumerated() {
      builder.store(shared.surveys, part.share * 3 + .integer(number), field)
    }
    builder.emit(.barrier)
    // What this thread has found is among it; begun with nothing, the sum is plainly the same in every thread.
    let (none, all) = (Expression.literal(0, word), Expression.unary(.bitNot, .literal(0, word)))
    let sums = fields.indices.map { number in
      builder.mutable(["any_of_all", "all_of_all", "negative_of_all"][number], number == 1 ? all : none)
    }
    builder.loop("t", to: threads) { t in
      for (number, sum) in sums.enumerated() {
        let more = Expression.load(shared.surveys, t * 3 + .integer(number), lanes: 1)
        builder.assign(sum, .binary(number == 1 ? .bitAnd : .bitOr, .variable(sum), more))
      }
    }
    return Survey(
      any: .variable(sums[0]), all: .variable(sums[1]), negative: sums.count > 2 ? .variable(sums[2]) : nil)
  }

  /// One pass for each digit that is not the same in all keys; gives the half in which the keys are then.
  private func passes(_ part: RadixPass.Part, _ varying: Expression) -> Expression {
    let isLong = Expression.less(.integer(builder.target.tuning.sorting.longLine - 1), length)
    let size: Expression = bits <= 8 ? .integer(bits) : builder.declare("bits", .select(isLong, .integer(bits), 8))
    let digits: Expression =
      bits <= 8 ? .integer(1 << bits) : builder.declare("digits", .select(isLong, .integer(1 << bits), 256))
    let starts = builder.array("starts", .i32, count: bits <= 8 ? 256 : LineSort.mostDigits)
    let half = builder.mutable("half", 0)
    builder.loop("shift", to: .integer(key.width), step: size, unroll: .none) { shift in
      let by = builder.declare("by", .convert(shift, key.storage))
      let mask = builder.declare("mask", .convert(digits - 1, key.storage))
      let rest = builder.declare("rest", .binary(.shiftRight, varying, by))
      builder.branch(.binary(.notEqual, .binary(.bitAnd, rest, mask), .literal(0, word))) {
        RadixPass(
          sort: self, threads: threads, part: part, digit: .init(shift: by, mask: mask, count: digits),
          isOnly: hasOneDigit, old: builder.declare("old", .variable(half)), starts: starts
        ).write()
        builder.assign(half, length - .variable(half))
        if shared != nil { builder.emit(.barrier) }
      }
    }
    return .variable(half)
  }
}
