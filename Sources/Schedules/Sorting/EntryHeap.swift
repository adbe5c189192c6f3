import TensorIR
import TensorOps

/// The statements that keep keys and their positions as a heap: the children of entry i are 2i + 1 and 2i + 2, and none is
/// greater than its parent. An entry is greater than another by its key, of equal keys by its position.
struct EntryHeap {
  let builder: KernelBuilder
  let keys: Buffer
  let positions: Buffer

  struct Entry {
    let key: Expression
    let position: Expression
  }

  func put(_ entry: Entry, at i: Expression) {
    builder.store(keys, i, entry.key)
    builder.store(positions, i, entry.position.data)
  }

  private func entry(_ i: Expression) -> Entry {
    Entry(key: .load(keys, i, lanes: 1), position: .asIndex(.load(positions, i, lanes: 1)))
  }

  private func taken(_ i: Expression) -> Entry {
    let entry = entry(i)
    return Entry(key: builder.declare("key", entry.key), position: builder.declare("position", entry.position))
  }

  private func isLess(_ a: Entry, _ b: Entry) -> Expression {
    .binary(
      .logicalOr, .less(a.key, b.key),
      .binary(.logicalAnd, .binary(.equal, a.key, b.key), .less(a.position, b.position)))
  }

  /// Makes a heap of entries in any order.
  func makeHeap(_ count: Expression) {
    let half = builder.declare("half", count / 2)
    builder.loop("i", to: half) { i in
      let place = builder.declare("place", half - 1 - i)
      sift(taken(place), from: place, end: count)
    }
  }

  /// Puts the entries of a heap in order, the least first.
  func sortHeap(_ count: Expression) {
    builder.loop("i", from: 1, to: count) { i in
      let last = builder.declare("last", count - i)
      let greatest = taken(0)
      let moved = taken(last)
      put(greatest, at: last)
      sift(moved, from: 0, end: last)
    }
  }

  /// Puts an entry at a place whose own entry is gone, or below it where greater ones come up.
  func sift(_ own: Entry, from: Expression, end: Expression) {
    let hole = builder.mutable("hole", from)
    let child = builder.mutable("child", .variable(hole) * 2 + 1)
    let body = builder.block {
      let other = builder.declare("other", .variable(child) + 1)
      let isBelow = Expression.binary(.logicalAnd, .less(other, end), isLess(entry(.variable(child)), entry(other)))
      builder.branch(isBelow) { builder.assign(child, other) }
      builder.branch(isLess(own, entry(.variable(child)))) {
        put(entry(.variable(child)), at: .variable(hole))
        builder.assign(hole, .variable(child))
        builder.assign(child, .variable(hole) * 2 + 1)
      } otherwise: {
        builder.assign(child, end)
      }
    }
    builder.emit(.whileLoop(.less(.variable(child), end), body))
    put(own, at: .variable(hole))
  }
}
