import TensorIR
import TensorOps

/// The products of one vector of units, for tiles of rows, and the update of the state behind them.
struct RecurrentProduct {
  let kernel: RecurrentKernel

  private var builder: KernelBuilder { kernel.builder }
  private var lanes: Int { kernel.lanes }
  private var gates: Int { kernel.gates }

  /// The most rows in a tile: as many sums as leave registers for the weights and the broadcast state.
  private var tallest: Int {
    if kernel.batch == 1 { return 1 }
    let sums = kernel.target.registers >= 32 ? 24 : 9
    return max(1, min(sums / gates, 8))
  }

  func write(_ units: RecurrentKernel.Units, _ place: RecurrentKernel.Place, _ pass: Range<Int>, isLast: Bool) {
    guard let state = kernel.buffers["state"], let weights = kernel.buffers["weights"] else { return }
    let tile = builder.array("tile", kernel.element.computeType, count: tallest * pass.count * lanes)
    let update = RecurrentUpdate(kernel: kernel, place: place, units: units, tile: tile, pass: pass)
    let readsReset = kernel.op.cell == .gru && isLast
    let source = readsReset ? kernel.buffers["gates"] ?? state : state
    let origin = readsReset ? kernel.plane : place.old
    let rows = builder.declare("rows", place.rowTo - place.rowFrom)
    let tiles = builder.declare("tiles", (rows + .integer(tallest - 1)) / .integer(tallest))
    builder.loop("t", to: tiles) { t in
      let first = builder.declare("first", place.rowFrom + rows * t / tiles)
      let height = builder.declare("height", place.rowFrom + rows * (t + 1) / tiles - first)
      heights(1...tallest, height) { count in
        let sums = start(place, units, pass, row: first, rows: count)
        let from = origin + kernel.stateOffset(place, row: first, unit: 0)
        multiply(sums, weights, offset(units, gate: pass.lowerBound), source, from)
        for (number, sum) in sums.joined().enumerated() {
          builder.store(tile, .integer(number * lanes), .variable(sum))
        }
      }
      builder.loop("r", to: height) { r in update.write(row: builder.declare("row", first + r), inTile: r) }
    }
  }

  /// Where a gate's weights for the first unit of the old state are.
  private func offset(_ units: RecurrentKernel.Units, gate: Int) -> Expression {
    units.panel * .integer(gates * kernel.width) * kernel.hidden + .integer(gate * kernel.width) + units.part
  }

  /// Code for each height, chosen by halving.
  private func heights(_ range: ClosedRange<Int>, _ height: Expression, _ body: (Int) -> Void) {
    if range.count == 1 { return body(range.lowerBound) }
    let middle = (range.lowerBound + range.upperBound + 1) / 2
    builder.branch(.less(height, .integer(middle))) {
      heights(range.lowerBound...(middle - 1), height, body)
    } otherwise: {
      heights(middle...range.upperBound, height, body)
    }
  }

  /// The sums of each row and gate with what they start from.
  private func start(
    _ place: RecurrentKernel.Place, _ units: RecurrentKernel.Units, _ pass: Range<Int>, row: Expression,
    rows: Int
  ) -> [[Variable]] {
    (0..<rows).map { number in
      pass.map { gate in
        // Inside the reset there is only the bias of the recurrent product; the input's share is added behind
        // it.
        let value =
          kernel.op.cell == .gruResetAfter && gate == 2
          ? kernel.extra(units, 0) ?? .number(0, kernel.vector)
          : kernel.input(place, units, row: row + .integer(number), gate: gate)
        return builder.mutable("sum\(number)_\(gate)", value)
      }
    }
  }

  /// Adds to each sum the product of the row's old state with the gate's weights.
  private func multiply(
    _ sums: [[Variable]], _ weights: Buffer, _ first: Expression, _ source: Buffer, _ from: Expression
  ) {
    let packed = builder.pointer("w", into: weights, offset: first)
    // One pointer for three rows, as in matrix products.
    let pointers = stride(from: 0, to: sums.count, by: 3).map {
      builder.pointer("h\($0)", into: source, offset: from + .integer($0) * kernel.padded)
    }
    builder.loop("k", to: kernel.hidden, unroll: .none) { _ in
      let vectors = sums[0].indices.map {
        builder.declare("w\($0)", .load(packed, .integer($0 * kernel.width), lanes: lanes))
      }
      for (row, parts) in sums.enumerated() {
        let place = Expression.integer(row % 3) * kernel.padded
        let value = builder.declare("x", .broadcast(.load(pointers[row / 3], place, lanes: 1), lanes: lanes))
        for (part, sum) in parts.enumerated() {
          builder.assign(sum, .intrinsic(.fma, [value, vectors[part], .variable(sum)], kernel.vector))
        }
      }
      builder.advance(packed, by: .integer(gates * kernel.width))
      pointers.forEach { builder.advance($0, by: 1) }
    }
  }
}

extension RecurrentKernel {
  /// What a gate of a vector of units gets from the input.
  func input(_ place: Place, _ units: Units, row: Expression, gate: Int) -> Expression {
    guard let input = buffers["input"] else { return .number(0, vector) }
    let columns = builder.extent(Dimension(op.direction.count * op.panels * gates * width))
    let line = (place.step * batchSize + row) * columns
    return load(input, line + (units.panel * .integer(gates) + .integer(gate)) * .integer(width) + units.part)
  }

  /// Numbers of the last operand for a vector of units; nil where it is absent.
  func extra(_ units: Units, _ number: Int) -> Expression? {
    buffers["extra"].map {
      load($0, (units.panel * .integer(op.extras) + .integer(number)) * .integer(width) + units.part)
    }
  }
}
