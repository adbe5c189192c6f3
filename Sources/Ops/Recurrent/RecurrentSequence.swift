import TensorIR

/// The steps of a recurrent layer, the products of its inputs already made: what ``Lstm``, ``Gru`` and
/// ``Rnn`` become.
///
/// A panel holds all gates of sixteen units, so that the update of these units follows their products without
/// a detour through memory (docs/experiments.md, rule 11). Sixteen on all targets: narrower vectors take a
/// panel in parts.
///
/// | | operand | shape |
/// |---|---|---|
/// | 0 | what each gate gets from the input and from biases | [steps, batch, directions · panels · gates · 16] |
/// | 1 | the weights of the recurrence | [directions, panels, hidden, gates · 16] |
/// | 2 | the number of steps of each row, i32; may be absent | [batch] |
/// | 3 | the initial state; may be absent | [directions, batch, hidden] |
/// | 4 | the initial cell state, of an LSTM; may be absent | [directions, batch, hidden] |
/// | 5 | an LSTM's peepholes, or the bias inside the reset of a GRU, in panels; may be absent | [directions, …] |
public struct RecurrentSequence: TensorOp {
  public static let name = "recurrent_sequence"
  public static let summary = "The steps of a recurrent layer, given the products of its inputs."
  public static let signature = Signature(operands: 6...6, optional: [2, 3, 4, 5], results: 2...3)
  public var cell: RecurrentCell
  public var direction: RecurrentDirection
  public var hidden: Int

  public init(_ cell: RecurrentCell, _ direction: RecurrentDirection, hidden: Int) {
    self.cell = cell
    self.direction = direction
    self.hidden = hidden
  }

  /// Units in a panel.
  package static let panelWidth = 16

  /// The units of all panels.
  package static func paddedSize(_ hidden: Int) -> Int { (hidden + panelWidth - 1) / panelWidth * panelWidth }

  package var panels: Int { RecurrentSequence.paddedSize(hidden) / RecurrentSequence.panelWidth }

  /// The numbers for each unit in operand 5.
  package var extras: Int { cell == .lstm ? 3 : 1 }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard operands[0].rank == 3, operands[0].elementType.isFloat else {
      throw Diagnostic("rank", "the first operand of '\(name)' is floats of rank 3, not \(operands[0])")
    }
    let padded = RecurrentSequence.paddedSize(hidden)
    let width = RecurrentSequence.panelWidth * cell.gates
    let (steps, batch) = (operands[0].shape[0], operands[0].shape[1])
    let directions = Dimension(direction.count)
    let state = [directions, batch, Dimension(hidden)]
    let shapes: [[Dimension]] = [
      [steps, batch, Dimension(direction.count * padded * cell.gates)],
      [directions, Dimension(panels), Dimension(hidden), Dimension(width)],
      [batch], state, state, [directions, Dimension(padded * extras)],
    ]
    for (index, operand) in operands.enumerated() where index < 2 || operand != FunctionBuilder.absent {
      let wanted = TensorType(index == 2 ? .i32 : operands[0].elementType, shapes[index])
      let message = "operand \(index) of '\(name)' must be \(wanted) and is \(operand)"
      guard operand.elementType == wanted.elementType, operand.rank == wanted.rank else {
        throw Diagnostic("shape-mismatch", message)
      }
      for (have, want) in zip(operand.shape, wanted.shape) {
        try context.require(have, equals: want, message)
      }
    }
    let last = TensorType(operands[0].elementType, state)
    return [last.with(shape: [steps] + state), last] + (cell.hasCellState ? [last] : [])
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let shape = operands[0].shape
    var formula = RecurrentFormula(cell, direction, hidden: hidden, steps: shape[0], batch: shape[1])
    formula.input = unpacked(operands[0], outer: shape[0] * shape[1] * direction.count, gates: cell.gates)
    formula.weights = unpackedWeights(operands[1])
    formula.lengths = operands[2].isAbsent ? nil : operands[2].integers
    formula.initialState = operands[3].isAbsent ? nil : operands[3].floats
    formula.initialCell = operands[4].isAbsent ? nil : operands[4].floats
    let extra = operands[5].isAbsent ? nil : unpacked(operands[5], outer: direction.count, gates: extras)
    if cell == .lstm { formula.peepholes = extra } else { formula.innerBias = extra }
    return try formula.results(types)
  }

  /// [outer, panels, gates, 16] as [outer, gates, hidden].
  private func unpacked(_ x: ReferenceTensor, outer: Int, gates: Int) -> [Double] {
    let width = RecurrentSequence.panelWidth
    var result: [Double] = []
    for place in 0..<outer {
      for gate in 0..<gates {
        for unit in 0..<hidden {
          result.append(x.floats[((place * panels + unit / width) * gates + gate) * width + unit % width])
        }
      }
    }
    return result
  }

  /// [directions, panels, hidden, gates, 16] as [directions, gates, hidden, hidden].
  private func unpackedWeights(_ x: ReferenceTensor) -> [Double] {
    let width = RecurrentSequence.panelWidth
    var result: [Double] = []
    for index in ReferenceTensor.indices([direction.count, cell.gates, hidden, hidden]) {
      let (unit, k) = (index[2], index[3])
      let panel = (index[0] * panels + unit / width) * hidden + k
      result.append(x.floats[(panel * cell.gates + index[1]) * width + unit % width])
    }
    return result
  }
}
