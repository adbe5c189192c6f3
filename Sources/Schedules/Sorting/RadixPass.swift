import TensorIR
import TensorOps

/// One pass of a ``LineSort``: counts how many keys of a thread's part have each digit, which tells where the first of
/// them goes, and moves them there.
struct RadixPass {
  let sort: LineSort
  let threads: Expression
  let part: Part
  let digit: Digit
  /// Whether keys have one digit. Then there is one pass, from the elements to the result, and no keys are kept.
  let isOnly: Bool
  /// The half of scratch memory where the keys are, as the offset of its beginning.
  let old: Expression
  /// Where the next key of each digit goes.
  let starts: Buffer

  /// A thread's part of the line.
  struct Part {
    let place: LinePlace
    /// Its number among the parts.
    let share: Expression
    let from: Expression
    let to: Expression
  }

  struct Digit {
    var shift: Expression
    var mask: Expression
    /// How many different ones there are.
    var count: Expression

    func of(_ key: Expression) -> Expression {
      .asIndex(.binary(.bitAnd, .binary(.shiftRight, key, shift), mask))
    }
  }

  private var builder: KernelBuilder { sort.builder }
  private var one: Expression { .literal(1, LoopType(.i32)) }

  func write() {
    count()
    findStarts()
    scatter()
  }

  /// The key at a place of the part, and its position, before the pass.
  private func load(_ i: Expression) -> (key: Expression, position: Expression?) {
    if isOnly {
      let x = builder.declare("x", .load(sort.source, part.place[i], lanes: 1))
      return (sort.key.key(x, builder), sort.positions.map { _ in .convert(i, .i32) })
    }
    let own = builder.declare("key", .load(sort.keys, old + i, lanes: 1))
    return (own, sort.positions.map { .load($0, old + i, lanes: 1) })
  }

  private func count() {
    let all = sort.shared?.counts ?? starts
    let base = sort.shared == nil ? 0 : builder.declare("base", part.share * .integer(LineSort.mostDigits))
    builder.loop("d", to: digit.count) { builder.store(all, base + $0, .literal(0, LoopType(.i32))) }
    builder.loop("i", from: part.from, to: part.to) { i in
      let own = builder.declare("d", base + digit.of(load(i).key))
      builder.store(all, own, .binary(.add, .load(all, own, lanes: 1), one))
    }
    if sort.shared != nil { builder.emit(.barrier) }
  }

  /// Adds up the counts of smaller digits, and of the same digit in the parts before this one.
  private func findStarts() {
    let total = builder.mutable("total", .literal(0, LoopType(.i32)))
    func add(_ found: Expression) { builder.assign(total, .binary(.add, .variable(total), found)) }
    builder.loop("d", to: digit.count) { d in
      guard let shared = sort.shared else {
        let found = builder.declare("found", .load(starts, d, lanes: 1))
        builder.store(starts, d, .variable(total))
        return add(found)
      }
      builder.loop("t", to: threads) { t in
        builder.branch(.binary(.equal, t, part.share)) { builder.store(starts, d, .variable(total)) }
        add(.load(shared.counts, t * .integer(LineSort.mostDigits) + d, lanes: 1))
      }
    }
  }

  private func scatter() {
    let new = isOnly ? 0 : builder.declare("new", sort.length - old)
    builder.loop("i", from: part.from, to: part.to) { i in
      let (own, position) = load(i)
      let d = builder.declare("d", digit.of(own))
      let place = builder.declare("place", .load(starts, d, lanes: 1))
      builder.store(starts, d, .binary(.add, place, one))
      if isOnly { return sort.write(part.place, .asIndex(place), own, position) }
      let target = builder.declare("target", new + .asIndex(place))
      builder.store(sort.keys, target, own)
      if let positions = sort.positions, let position { builder.store(positions, target, position) }
    }
  }
}
