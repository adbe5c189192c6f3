import TensorIR

/// A recurrent layer written out step by step, from ops that have gradients. For training over a known, small
/// number of steps; the memory that it keeps for the gradient, and its code, grow with them.
struct RecurrentSteps {
  let layer: any RecurrentLayer
  let operands: [Tensor]

  /// Longer sequences make too large a program.
  static let most = 128

  private var hidden: Dimension { Dimension(layer.hidden) }
  private var batch: Dimension { operands[0].shape[1] }
  private var gates: Int { layer.cell.gates }

  /// The layer's results; nil where it cannot be written out.
  func results() -> [Tensor]? {
    guard operands[4].isAbsent, let steps = operands[0].shape[0].constant,
      (1...RecurrentSteps.most).contains(steps)
    else {
      return nil
    }
    let directions = (0..<layer.direction.count).map { walk($0, steps: steps) }
    func joined(_ parts: [Tensor], axis: Int) -> Tensor {
      parts.count == 1 ? parts[0] : .concat(parts, axis: axis)
    }
    let outputs = (0..<steps).map { step in
      joined(directions.map { $0.outputs[step].reshaped(to: [1, 1, batch, hidden]) }, axis: 1)
    }
    let state = joined(directions.map { $0.state.reshaped(to: [1, batch, hidden]) }, axis: 0)
    let cell = joined(directions.map { $0.cell.reshaped(to: [1, batch, hidden]) }, axis: 0)
    return [joined(outputs, axis: 0), state] + (layer.cell.hasCellState ? [cell] : [])
  }

  /// What belongs to one direction.
  private struct Weights {
    var input: Tensor
    var recurrent: Tensor
    var inputBias: Tensor
    var recurrentBias: Tensor
    /// Of the gates i, o, f; absent without peepholes.
    var peepholes: [Tensor]
  }

  private func weights(_ number: Int) -> Weights {
    let rows = Dimension(gates * layer.hidden)
    func matrix(_ index: Int) -> Tensor {
      let x = operands[index]
      return x.sliced(axis: 0, start: Dimension(number), size: 1).reshaped(to: Array(x.shape.dropFirst()))
    }
    let bias = operands[3].isAbsent ? operands[1].full(0, [2 * rows]) : matrix(3)
    let peepholes =
      operands[7].isAbsent
      ? [] : (0..<3).map { matrix(7).sliced(axis: 0, start: Dimension($0) * hidden, size: hidden) }
    return Weights(
      input: matrix(1), recurrent: matrix(2), inputBias: bias.sliced(axis: 0, start: 0, size: rows),
      recurrentBias: bias.sliced(axis: 0, start: rows, size: rows), peepholes: peepholes)
  }

  private func walk(_ number: Int, steps: Int) -> (outputs: [Tensor], state: Tensor, cell: Tensor) {
    let weights = weights(number)
    func initial(_ index: Int) -> Tensor {
      if operands[index].isAbsent { return operands[0].full(0, [batch, hidden]) }
      return operands[index].sliced(axis: 0, start: Dimension(number), size: 1).reshaped(to: [batch, hidden])
    }
    var (state, cell) = (initial(5), initial(6))
    var outputs = [Tensor](repeating: state, count: steps)
    let width = operands[0].shape[2]
    for count in 0..<steps {
      let step = layer.direction.isReverse(number) ? steps - 1 - count : count
      let x = operands[0].sliced(axis: 0, start: Dimension(step), size: 1).reshaped(to: [batch, width])
      let given = Tensor.matmul(x, weights.input, transposeRight: true) + weights.inputBias
      advance(&state, &cell, given, weights)
      outputs[step] = state
    }
    return (outputs, state, cell)
  }

  /// One step; the formulas stand with ``Lstm``, ``Gru`` and ``Rnn``.
  private func advance(_ h: inout Tensor, _ c: inout Tensor, _ given: Tensor, _ weights: Weights) {
    func gate(_ x: Tensor, _ number: Int) -> Tensor {
      x.sliced(axis: x.rank - 1, start: Dimension(number) * hidden, size: hidden)
    }
    func peephole(_ number: Int, _ cell: Tensor, _ x: Tensor) -> Tensor {
      weights.peepholes.isEmpty ? x : x + weights.peepholes[number] * cell
    }
    let product = Tensor.matmul(h, weights.recurrent, transposeRight: true) + weights.recurrentBias
    let sum = given + product
    switch layer.cell {
    case .rnn: h = sum.tanh()
    case .lstm:
      let i = peephole(0, c, gate(sum, 0)).sigmoid()
      let f = peephole(2, c, gate(sum, 2)).sigmoid()
      c = f * c + i * gate(sum, 3).tanh()
      h = peephole(1, c, gate(sum, 1)).sigmoid() * c.tanh()
    case .gru, .gruResetAfter:
      let (z, r) = (gate(sum, 0).sigmoid(), gate(sum, 1).sigmoid())
      var inner = r * gate(product, 2)
      if layer.cell == .gru {
        let rows = weights.recurrent.sliced(axis: 0, start: 2 * hidden, size: hidden)
        inner = Tensor.matmul(r * h, rows, transposeRight: true) + gate(weights.recurrentBias, 2)
      }
      let n = (gate(given, 2) + inner).tanh()
      h = n + z * (h - n)
    }
  }
}
