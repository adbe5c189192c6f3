import TensorIR
import TensorOps

/// The loops of ``RecurrentSchedule``'s kernel: over directions, steps, vectors of units, and tiles of rows.
struct RecurrentKernel {
  let op: RecurrentSequence
  let builder: KernelBuilder
  let target: Target
  let buffers: [String: Buffer]
  let element: ElementType
  let steps: Dimension
  let batch: Dimension

  /// What a thread works on in a step of one direction.
  struct Place {
    var direction: Expression
    /// Rows of the batch.
    var rowFrom: Expression
    var rowTo: Expression
    /// Vectors of units.
    var vectorFrom: Expression
    var vectorTo: Expression
    /// The position in the sequence.
    var step: Expression = 0
    /// Where the state before and after the step begins in scratch memory.
    var old: Expression = 0
    var new: Expression = 0
  }

  /// A vector of units.
  struct Units {
    var first: Expression
    /// The panel among those of all directions, and where in it the vector lies.
    var panel: Expression
    var part: Expression
    /// How many of them there are, where the last vector may be partial.
    var count: Expression?
  }

  var lanes: Int { target.lanes(of: element) }
  var vector: LoopType { LoopType(element.computeType, lanes: lanes) }
  var gates: Int { op.cell.gates }
  var padded: Expression { builder.extent(Dimension(RecurrentSequence.paddedSize(op.hidden))) }
  var hidden: Expression { builder.extent(Dimension(op.hidden)) }
  var batchSize: Expression { builder.extent(batch) }
  /// The numbers in one plane of the states.
  var plane: Expression {
    builder.extent(batch * Dimension(RecurrentSequence.paddedSize(op.hidden) * op.direction.count))
  }
  var width: Int { RecurrentSequence.panelWidth }

  /// - Parameter divides: whether threads may share the units of a row, for which they meet after each step.
  func write(divides: Bool) {
    let product = RecurrentProduct(kernel: self)
    let items = builder.declare("items", batchSize * .integer(op.direction.count))
    let vectors = Expression.integer((op.hidden + lanes - 1) / lanes)
    let isShared = divides ? builder.declare("shares_units", .less(items, builder.team)) : nil
    let rows = share(items, "item", when: isShared.map { .unary(.logicalNot, $0) })
    let units = isShared.map { share(vectors, "vector", when: $0) } ?? (0, vectors)
    func meet() {
      if let isShared { builder.branch(isShared, then: { builder.emit(.barrier) }, otherwise: {}) }
    }
    overDirections { direction in
      let start = direction * batchSize
      var place = Place(
        direction: direction,
        rowFrom: builder.declare("row_from", .minimum(.maximum(rows.0 - start, 0), batchSize)),
        rowTo: builder.declare("row_to", .minimum(.maximum(rows.1 - start, 0), batchSize)),
        vectorFrom: units.0, vectorTo: units.1)
      initialise(place)
      meet()
      builder.loop("s", to: builder.extent(steps)) { s in
        place.step = builder.declare("step", position(s, direction))
        place.old = builder.declare("old", s % 2 * plane)
        place.new = builder.declare("next", plane - place.old)
        for (index, pass) in passes.enumerated() {
          overUnits(place) { product.write($0, place, pass, isLast: index == passes.count - 1) }
          meet()
        }
      }
      place.old = builder.declare("last", builder.extent(steps) % 2 * plane)
      finish(place)
    }
  }

  /// The gates whose products are made together: with the reset before the product, the last one needs the
  /// others.
  private var passes: [Range<Int>] { op.cell == .gru ? [0..<2, 2..<3] : [0..<gates] }

  /// A thread's share of work, or all of it where it is not divided.
  private func share(_ count: Expression, _ name: String, when: Expression?) -> (Expression, Expression) {
    let (from, to) = (count * builder.thread / builder.team, count * (builder.thread + 1) / builder.team)
    return (
      builder.declare("\(name)_from", when.map { .select($0, from, 0) } ?? from),
      builder.declare("\(name)_to", when.map { .select($0, to, count) } ?? to)
    )
  }

  private func overDirections(_ body: (Expression) -> Void) {
    if op.direction.count == 1 { return body(0) }
    builder.loop("direction", to: .integer(op.direction.count), unroll: .none, body)
  }

  /// The position in the sequence of the step number `s`.
  private func position(_ s: Expression, _ direction: Expression) -> Expression {
    let backward = builder.extent(steps) - 1 - s
    switch op.direction {
    case .forward: return s
    case .reverse: return backward
    case .bidirectional: return .select(.binary(.equal, direction, 0), s, backward)
    }
  }

  // MARK: Units and rows

  private func overUnits(_ place: Place, _ body: (Units) -> Void) {
    builder.loop("v", from: place.vectorFrom, to: place.vectorTo) { v in
      let first = builder.declare("unit", v * .integer(lanes))
      let panel = builder.declare("panel", place.direction * .integer(op.panels) + first / .integer(width))
      let isWhole = op.hidden % lanes == 0
      body(
        Units(
          first: first, panel: panel,
          part: lanes == width ? 0 : builder.declare("part", first % .integer(width)),
          count: isWhole ? nil : builder.declare("count", .minimum(.integer(lanes), hidden - first))))
    }
  }

  /// Where the units of a row begin in a plane of the states.
  func stateOffset(_ place: Place, row: Expression, unit: Expression) -> Expression {
    (place.direction * batchSize + row) * padded + unit
  }

  /// Where they begin in the initial and last states.
  private func resultOffset(_ place: Place, row: Expression, unit: Expression) -> Expression {
    (place.direction * batchSize + row) * hidden + unit
  }

  func load(_ buffer: Buffer, _ offset: Expression, count: Expression? = nil) -> Expression {
    if let count { return .loadPartial(buffer, offset, lanes: lanes, count: count) }
    return .load(buffer, offset, lanes: lanes)
  }

  /// Copies the initial states to scratch memory, or clears it.
  private func initialise(_ place: Place) {
    eachRow(place) { row, units in
      for (scratch, source) in [("state", "state0"), ("cell", "cell0")] {
        guard let memory = buffers[scratch] else { continue }
        let from = resultOffset(place, row: row, unit: units.first)
        let value = buffers[source].map { load($0, from, count: units.count) } ?? .number(0, vector)
        builder.store(memory, stateOffset(place, row: row, unit: units.first), value)
      }
    }
  }

  /// Copies the states after the last step to the results.
  private func finish(_ place: Place) {
    eachRow(place) { row, units in
      let from = stateOffset(place, row: row, unit: units.first)
      let to = resultOffset(place, row: row, unit: units.first)
      if let memory = buffers["state"], let result = buffers["last_state"] {
        builder.store(result, to, load(memory, place.old + from), count: units.count)
      }
      if let memory = buffers["cell"], let result = buffers["last_cell"] {
        builder.store(result, to, load(memory, from), count: units.count)
      }
    }
  }

  private func eachRow(_ place: Place, _ body: (Expression, Units) -> Void) {
    builder.loop("row", from: place.rowFrom, to: place.rowTo) { row in
      overUnits(place) { body(row, $0) }
    }
  }
}
