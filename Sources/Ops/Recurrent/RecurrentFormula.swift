import Foundation
import TensorIR

/// The reference computation of a recurrent layer, in f64, one number after the other.
struct RecurrentFormula {
  let cell: RecurrentCell
  let direction: RecurrentDirection
  let hidden: Int
  let steps: Int
  let batch: Int
  /// What a gate gets from the input, biases included: [steps, batch, directions, gates, hidden].
  var input: [Double] = []
  /// The weights of the recurrence: [directions, gates, hidden, hidden].
  var weights: [Double] = []
  /// What is added to the recurrent product inside the reset: [directions, hidden].
  var innerBias: [Double]?
  /// [directions, 3, hidden], of the gates i, o, f.
  var peepholes: [Double]?
  var lengths: [Int]?
  var initialState: [Double]?
  var initialCell: [Double]?

  init(_ cell: RecurrentCell, _ direction: RecurrentDirection, hidden: Int, steps: Int, batch: Int) {
    self.cell = cell
    self.direction = direction
    self.hidden = hidden
    self.steps = steps
    self.batch = batch
  }

  private var rows: Int { cell.gates * hidden }

  /// Computes ``input`` from the layer's own operands; the bias holds that of W and behind it that of R.
  mutating func projectInput(_ x: ReferenceTensor, weights w: ReferenceTensor, bias: ReferenceTensor) {
    let width = x.shape[2]
    let keepsApart = cell == .gruResetAfter && !bias.isAbsent
    if keepsApart { innerBias = [] }
    for number in 0..<direction.count where keepsApart {
      innerBias?.append(contentsOf: bias.floats[(number * 6 + 5) * hidden..<(number * 6 + 6) * hidden])
    }
    for place in 0..<steps * batch {
      for row in 0..<direction.count * rows {
        var sum = 0.0
        for k in 0..<width { sum += x.floats[place * width + k] * w.floats[row * width + k] }
        if !bias.isAbsent {
          let start = row / rows * 2 * rows + row % rows
          sum += bias.floats[start]
          if !keepsApart || row % rows < 2 * hidden { sum += bias.floats[start + rows] }
        }
        input.append(sum)
      }
    }
  }

  /// The results as tensors of the given types.
  func results(_ types: [TensorType]) throws -> [ReferenceTensor] {
    let count = direction.count * batch * hidden
    var outputs = [Double](repeating: 0, count: steps * count)
    var states = initialState ?? [Double](repeating: 0, count: count)
    var cells = initialCell ?? [Double](repeating: 0, count: count)
    for number in 0..<direction.count {
      for row in 0..<batch {
        let item = number * batch + row
        var h = Array(states[item * hidden..<(item + 1) * hidden])
        var c = Array(cells[item * hidden..<(item + 1) * hidden])
        for count in 0..<steps {
          let step = direction.isReverse(number) ? steps - 1 - count : count
          if let lengths, step >= lengths[row] { continue }
          advance(number, place: step * batch + row, &h, &c)
          let start = ((step * direction.count + number) * batch + row) * hidden
          outputs.replaceSubrange(start..<start + hidden, with: h)
        }
        states.replaceSubrange(item * hidden..<(item + 1) * hidden, with: h)
        cells.replaceSubrange(item * hidden..<(item + 1) * hidden, with: c)
      }
    }
    return try zip(types, [outputs, states, cells]).map {
      ReferenceTensor($0.elementType, try Evaluator.numbers($0), floats: $1)
    }
  }

  /// One step of one row.
  private func advance(_ number: Int, place: Int, _ h: inout [Double], _ c: inout [Double]) {
    func given(_ gate: Int, _ unit: Int) -> Double {
      input[((place * direction.count + number) * cell.gates + gate) * hidden + unit]
    }
    func product(_ gate: Int, _ unit: Int, _ state: [Double]) -> Double {
      let start = ((number * cell.gates + gate) * hidden + unit) * hidden
      return state.indices.reduce(0.0) { $0 + weights[start + $1] * state[$1] }
    }
    func gate(_ gate: Int, _ unit: Int) -> Double { given(gate, unit) + product(gate, unit, old) }
    func peephole(_ gate: Int, _ unit: Int) -> Double { peepholes?[(number * 3 + gate) * hidden + unit] ?? 0 }
    let old = h
    switch cell {
    case .rnn: h = h.indices.map { tanh(gate(0, $0)) }
    case .lstm:
      for unit in 0..<hidden {
        let i = sigmoid(gate(0, unit) + peephole(0, unit) * c[unit])
        let f = sigmoid(gate(2, unit) + peephole(2, unit) * c[unit])
        c[unit] = f * c[unit] + i * tanh(gate(3, unit))
        h[unit] = sigmoid(gate(1, unit) + peephole(1, unit) * c[unit]) * tanh(c[unit])
      }
    case .gru, .gruResetAfter:
      let reset = old.indices.map { sigmoid(gate(1, $0)) }
      let kept = old.indices.map { reset[$0] * old[$0] }
      for unit in 0..<hidden {
        let z = sigmoid(gate(0, unit))
        let inner =
          cell == .gru
          ? product(2, unit, kept)
          : reset[unit] * (product(2, unit, old) + (innerBias?[number * hidden + unit] ?? 0))
        h[unit] = (1 - z) * tanh(given(2, unit) + inner) + z * old[unit]
      }
    }
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
