import TensorIR
import TensorOps

/// The update of one row's vector of units from the sums of its gates.
struct RecurrentUpdate {
  let kernel: RecurrentKernel
  let place: RecurrentKernel.Place
  let units: RecurrentKernel.Units
  /// The sums: [rows, gates of the pass, lanes].
  let tile: Buffer
  let pass: Range<Int>

  private var builder: KernelBuilder { kernel.builder }
  private var vector: LoopType { kernel.vector }

  func write(row: Expression, inTile: Expression) {
    let own = builder.declare("own", kernel.stateOffset(place, row: row, unit: units.first))
    guard let lengths = kernel.buffers["lengths"] else { return update(row, inTile, own) }
    let length = Expression.asIndex(.load(lengths, row, lanes: 1))
    builder.branch(.less(place.step, length)) {
      update(row, inTile, own)
    } otherwise: {
      if pass.upperBound == kernel.gates { pass(over: row, own) }
    }
  }

  /// A step behind the row's last: the state stays, the output is zero.
  private func pass(over row: Expression, _ own: Expression) {
    guard let state = kernel.buffers["state"] else { return }
    store(row, own, kernel.load(state, place.old + own), output: .number(0, vector))
  }

  /// Writes the new state and the step's output.
  private func store(_ row: Expression, _ own: Expression, _ state: Expression, output: Expression? = nil) {
    guard let memory = kernel.buffers["state"], let y = kernel.buffers["y"] else { return }
    let value = builder.declare("state_value", state)
    builder.store(memory, place.new + own, value)
    let line = (place.step * .integer(kernel.op.direction.count) + place.direction) * kernel.batchSize + row
    builder.store(y, line * kernel.hidden + units.first, output ?? value, count: units.count)
  }

  private func update(_ row: Expression, _ inTile: Expression, _ own: Expression) {
    switch kernel.op.cell {
    case .lstm: lstm(row, inTile, own)
    case .gruResetAfter: resetAfter(row, inTile, own)
    case .gru: pass.lowerBound == 0 ? resetBefore(inTile, own) : candidate(row, inTile, own)
    case .rnn: store(row, own, tanh(sum(inTile, 0)))
    }
  }

  private func lstm(_ row: Expression, _ inTile: Expression, _ own: Expression) {
    guard let memory = kernel.buffers["cell"] else { return }
    func gate(_ gate: Int, peephole: Int, _ cell: Expression) -> Expression {
      let value = sum(inTile, gate)
      guard let weight = kernel.extra(units, peephole) else { return sigmoid(value) }
      return sigmoid(builder.declare("seen", fma(weight, cell, value)))
    }
    let old = builder.declare("c", kernel.load(memory, own))
    let i = gate(0, peephole: 0, old)
    let f = gate(2, peephole: 2, old)
    let fresh = builder.declare("fresh", .binary(.multiply, i, tanh(sum(inTile, 3))))
    let new = builder.declare("new_c", fma(f, old, fresh))
    builder.store(memory, own, new)
    let o = gate(1, peephole: 1, new)
    store(row, own, .binary(.multiply, o, tanh(new)))
  }

  private func resetAfter(_ row: Expression, _ inTile: Expression, _ own: Expression) {
    let z = sigmoid(sum(inTile, 0))
    let r = sigmoid(sum(inTile, 1))
    let given = kernel.input(place, units, row: row, gate: 2)
    blend(row, own, z, tanh(builder.declare("inner", fma(r, sum(inTile, 2), given))))
  }

  /// The first pass of a GRU whose reset comes before the product: z and the reset state go to scratch
  /// memory.
  private func resetBefore(_ inTile: Expression, _ own: Expression) {
    guard let gates = kernel.buffers["gates"], let state = kernel.buffers["state"] else { return }
    builder.store(gates, own, sigmoid(sum(inTile, 0)))
    let r = sigmoid(sum(inTile, 1))
    builder.store(gates, kernel.plane + own, .binary(.multiply, r, kernel.load(state, place.old + own)))
  }

  /// Its second pass.
  private func candidate(_ row: Expression, _ inTile: Expression, _ own: Expression) {
    guard let gates = kernel.buffers["gates"] else { return }
    blend(row, own, builder.declare("z", kernel.load(gates, own)), tanh(sum(inTile, 2)))
  }

  /// (1 - z) n + z h
  private func blend(_ row: Expression, _ own: Expression, _ z: Expression, _ n: Expression) {
    guard let state = kernel.buffers["state"] else { return }
    let old = kernel.load(state, place.old + own)
    store(row, own, fma(z, .binary(.subtract, old, n), n))
  }

  // MARK: Expressions

  private func sum(_ inTile: Expression, _ gate: Int) -> Expression {
    let number = inTile * .integer(pass.count) + .integer(gate - pass.lowerBound)
    return builder.declare("sum\(gate)", kernel.load(tile, number * .integer(kernel.lanes)))
  }

  private func sigmoid(_ x: Expression) -> Expression {
    builder.declare("gate", .intrinsic(.sigmoid, [x], vector))
  }
  private func tanh(_ x: Expression) -> Expression { builder.declare("bent", .intrinsic(.tanh, [x], vector)) }
  private func fma(_ a: Expression, _ b: Expression, _ c: Expression) -> Expression {
    .intrinsic(.fma, [a, b, c], vector)
  }
}
