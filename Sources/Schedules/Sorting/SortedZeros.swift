import TensorIR
import TensorOps

/// Puts the zeros of a sorted line back in the order in which they came: -0 and 0 have one key, and a key does not tell
/// which it was. Only where the result holds floats, and only for a line in which there is a -0.
struct SortedZeros {
  let builder: KernelBuilder
  let key: SortKey
  let source: Buffer
  let result: Buffer
  let length: Expression

  func restore(_ place: LinePlace) {
    let next = builder.mutable("zero", first(place))
    builder.loop("i", to: length) { i in
      let x = builder.declare("x", .load(source, place[i], lanes: 1))
      builder.branch(.binary(.equal, x, .number(0, x.type))) {
        builder.store(result, place[.variable(next)], x)
        builder.assign(next, .variable(next) + 1)
      }
    }
  }

  /// Where the zeros begin in the result, found by halving.
  private func first(_ place: LinePlace) -> Expression {
    let low = builder.mutable("low", 0)
    let high = builder.mutable("high", length)
    let body = builder.block {
      let middle = builder.declare("middle", (.variable(low) + .variable(high)) / 2)
      let own = key.key(.load(result, place[middle], lanes: 1), builder)
      builder.branch(
        key.isBeforeZero(own), then: { builder.assign(low, middle + 1) }, otherwise: { builder.assign(high, middle) })
    }
    builder.emit(.whileLoop(.less(.variable(low), .variable(high)), body))
    return .variable(low)
  }
}

/// Where a line lies in memory.
struct LinePlace {
  var start: Expression
  /// The distance between neighbours.
  var stride: Expression

  subscript(i: Expression) -> Expression { start + i * stride }
}
