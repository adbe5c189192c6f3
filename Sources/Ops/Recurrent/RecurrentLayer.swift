import TensorIR

/// A recurrent layer as ONNX defines it, with ONNX's operands in ONNX's order:
///
/// | | operand | shape |
/// |---|---|---|
/// | 0 | X, the input | [steps, batch, input] |
/// | 1 | W, its weights | [directions, gates · hidden, input] |
/// | 2 | R, the weights of the recurrence | [directions, gates · hidden, hidden] |
/// | 3 | B, the biases of W and behind them those of R; may be absent | [directions, 2 · gates · hidden] |
/// | 4 | the number of steps of each row of the batch, i32; absent: all | [batch] |
/// | 5 | the initial state; absent: zeros | [directions, batch, hidden] |
///
/// Results: the state after each step, [steps, directions, batch, hidden], and after the last, [directions,
/// batch, hidden]. Steps behind a row's number of them give zeros and leave its state alone.
public protocol RecurrentLayer: TensorOp {
  var direction: RecurrentDirection { get }
  /// The size of the state.
  var hidden: Int { get }
  var cell: RecurrentCell { get }
}

extension RecurrentLayer {
  private var rows: Dimension { Dimension(cell.gates * hidden) }
  private var directions: Dimension { Dimension(direction.count) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    guard hidden > 0 else { throw Diagnostic("bad-attribute", "'\(name)' needs a hidden size of at least 1") }
    let x = operands[0]
    guard x.rank == 3, x.elementType.isFloat else {
      throw Diagnostic("rank", "'\(name)' takes an input of floats [steps, batch, input] and was given \(x)")
    }
    let (size, batch) = (Dimension(hidden), x.shape[1])
    let state = [directions, batch, size]
    let wanted: [(String, [Dimension])] = [
      ("W", [directions, rows, x.shape[2]]), ("R", [directions, rows, size]), ("B", [directions, 2 * rows]),
      ("sequence_lens", [batch]), ("initial_h", state), ("initial_c", state), ("P", [directions, 3 * size]),
    ]
    for (index, operand) in operands.enumerated().dropFirst() {
      let (word, shape) = wanted[index - 1]
      if operand == FunctionBuilder.absent && index > 2 { continue }
      try check(operand, word, TensorType(index == 4 ? .i32 : x.elementType, shape), &context)
    }
    let last = TensorType(x.elementType, state)
    return [TensorType(x.elementType, [x.shape[0]] + state), last] + (cell.hasCellState ? [last] : [])
  }

  private func check(
    _ operand: TensorType, _ word: String, _ wanted: TensorType, _ context: inout InferenceContext
  ) throws {
    let message = "\(word) of '\(name)' must be \(wanted) and is \(operand)"
    guard operand.elementType == wanted.elementType, operand.rank == wanted.rank else {
      throw Diagnostic("shape-mismatch", message)
    }
    for (have, want) in zip(operand.shape, wanted.shape) { try context.require(have, equals: want, message) }
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let all = operands + Array(repeating: .absent, count: max(8 - operands.count, 0))
    var formula = RecurrentFormula(
      cell, direction, hidden: hidden, steps: all[0].shape[0], batch: all[0].shape[1])
    formula.weights = all[2].floats
    formula.projectInput(all[0], weights: all[1], bias: all[3])
    formula.lengths = all[4].isAbsent ? nil : all[4].integers
    formula.initialState = all[5].isAbsent ? nil : all[5].floats
    formula.initialCell = all[6].isAbsent ? nil : all[6].floats
    formula.peepholes = all[7].isAbsent ? nil : all[7].floats
    return try formula.results(types)
  }

  /// The products of all steps' inputs are one matrix product; what is left for each step is
  /// ``RecurrentSequence``. With constant weights, all that is done to them here happens at compile time.
  public func decompose(_ operands: [Tensor]) throws -> [Tensor]? {
    let all = operands + Array(repeating: .absent, count: max(8 - operands.count, 0))
    let (x, bias) = (all[0], all[3])
    let count = cell.gates
    let columns = Dimension(direction.count * RecurrentSequence.paddedSize(hidden) * count)
    let weights = all[1].gatePanels(hidden: hidden, count: count).reshaped(to: [columns, x.shape[2]])
    var input = Tensor.matmul(x, weights, transposeRight: true)
    if !bias.isAbsent {
      // What is added to the recurrent product inside the reset stays apart.
      let inner = bias.gatePanels(
        hidden: hidden, first: count, count: cell == .gruResetAfter ? 2 : count, of: count)
      input = input + (bias.gatePanels(hidden: hidden, count: count) + inner).reshaped(to: [columns])
    }
    let panels = Dimension(RecurrentSequence.paddedSize(hidden) / RecurrentSequence.panelWidth)
    let packed = all[2].gatePanels(hidden: hidden, count: count)
      .reshaped(to: [directions, panels, Dimension(count * RecurrentSequence.panelWidth), Dimension(hidden)])
      .transposed([0, 1, 3, 2])
    var extra = Tensor.absent
    if cell == .gruResetAfter && !bias.isAbsent {
      extra = bias.gatePanels(hidden: hidden, first: 5, count: 1)
    }
    if !all[7].isAbsent { extra = all[7].gatePanels(hidden: hidden, count: 3) }
    let op = RecurrentSequence(cell, direction, hidden: hidden)
    return try Tensor.record(op, [input, packed, all[4], all[5], all[6], extra])
  }

  /// The gradient is that of the steps written out, where their number is known and small; otherwise it is an
  /// error to ask for one.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    guard let recorder = operands.first(where: { !$0.isAbsent })?.recorder else {
      throw Diagnostic("no-operands", "'\(name)' was given no operand")
    }
    let trace = TraceRecorder(name: "steps", symbols: recorder.symbols)
    let inner = operands.map { $0.isAbsent ? Tensor.absent : trace.parameter($0.type) }
    let all = inner + Array(repeating: .absent, count: max(8 - inner.count, 0))
    let results = Composition.apart { Composition.run { RecurrentSteps(layer: self, operands: all).results() ?? [] } }
    if !results.isEmpty {
      let function = try trace.finish(results)
      return try Gradient.differentiate(function, at: operands.filter { !$0.isAbsent }, of: operands)
    }
    return Differentiated(try Tensor.record(self, operands)) { _ in
      throw Diagnostic(
        "not-differentiable",
        "'\(name)' has a gradient only without sequence_lens and for a number of steps that is known at compile "
          + "time and at most \(RecurrentSteps.most): fix it with --dim")
    }
  }
}
