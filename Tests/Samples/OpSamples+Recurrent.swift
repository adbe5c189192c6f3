import TensorIR
import TensorOps

extension OpSamples {
  private static let (steps, batch, hidden, width) = (7, 6, 5, 3)

  /// A layer with some of its optional operands; only the steps and the rows may be symbols.
  private static func layer(
    _ op: any RecurrentLayer, _ type: ElementType = .f32, optional: Set<Int>,
    lengths: [Double] = [7, 1, 0, 3, 7, 2]
  ) -> OpSample {
    let (count, rows) = (op.direction.count, op.cell.gates * hidden)
    let state = SampleOperand(type, [count, batch, hidden], .uniform(-0.5, 0.5))
    let all = [
      SampleOperand(type, [steps, batch, width]),
      SampleOperand(type, [count, rows, width], .uniform(-0.6, 0.6)),
      SampleOperand(type, [count, rows, hidden], .uniform(-0.5, 0.5)),
      SampleOperand(type, [count, 2 * rows], .uniform(-0.5, 0.5)),
      SampleOperand(.i32, [batch], .list(lengths)),
      state, state, SampleOperand(type, [count, 3 * hidden], .uniform(-0.5, 0.5)),
    ]
    let operands = all.enumerated().map { $0 < 3 || optional.contains($0) ? $1 : SampleOperand.absent }
    return OpSample(
      op, Array(operands.prefix(op.cell.hasCellState ? 8 : 6)), hasGradient: false, symbolic: [steps, batch])
  }

  private static func sequence(
    _ cell: RecurrentCell, _ direction: RecurrentDirection, extras: Int?
  ) -> OpSample {
    let (count, panel) = (direction.count, 16 * cell.gates)
    let extra = extras.map { SampleOperand(.f32, [count, 16 * $0], .uniform(-0.5, 0.5)) } ?? .absent
    return OpSample(
      RecurrentSequence(cell, direction, hidden: hidden),
      [
        SampleOperand(.f32, [steps, batch, count * panel]),
        SampleOperand(.f32, [count, 1, hidden, panel], .uniform(-0.5, 0.5)), .absent, .absent, .absent, extra,
      ], hasGradient: false, symbolic: [steps, batch])
  }

  static let recurrent: [OpSample] = [
    layer(Lstm(direction: .bidirectional, hidden: hidden), optional: [3, 4, 5, 6, 7]),
    layer(Lstm(hidden: hidden), optional: [3]),
    layer(Gru(direction: .reverse, hidden: hidden, linearBeforeReset: true), optional: [3, 5]),
    layer(Gru(direction: .bidirectional, hidden: hidden), optional: [3, 4]),
    layer(Rnn(direction: .reverse, hidden: hidden), optional: [4, 5]),
    layer(Rnn(direction: .bidirectional, hidden: hidden), optional: []),
    sequence(.lstm, .reverse, extras: 3), sequence(.gru, .bidirectional, extras: nil),
    sequence(.gruResetAfter, .forward, extras: 1), sequence(.rnn, .bidirectional, extras: nil),
    OpSample(
      GatePanels(hidden: 5, first: 1, count: 2, gates: 3), [SampleOperand(.f32, [2, 17, 7])],
      hasGradient: false,
      symbolic: [2, 7]),
    OpSample(
      GatePanels(hidden: 17, count: 1, gates: 1), [SampleOperand(.f64, [1, 17])], hasGradient: false,
      symbolic: []),
  ]
}
