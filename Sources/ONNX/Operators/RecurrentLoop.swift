import TensorIR
import TensorOps

/// A recurrent layer as a loop over its steps, for what the op of the layer does not do: other activations, clipped gates, a
/// forget gate that follows from the input gate, products of quantised numbers.
struct RecurrentLoop {
  private let node: NodeConversion
  private let cell: RecurrentCell
  private let hidden: Int
  let direction: RecurrentDirection
  /// Those of each direction.
  private let activations: [[Activation]]
  /// Whether all are what the op computes.
  private let isUsual: Bool
  /// What goes into activations is kept within this of 0.
  private let clip: Double?
  private let couples: Bool
  /// The layer's operands in ONNX's order, absent where left out.
  var operands: [Tensor] = []
  var products: any RecurrenceProducts = PlainRecurrence()

  init(_ node: NodeConversion, _ cell: RecurrentCell, usual: [String], hidden: Int) throws {
    (self.node, self.cell, self.hidden) = (node, cell, hidden)
    let name = try node.string("direction") ?? "forward"
    guard let direction = RecurrentDirection(rawValue: name) else {
      throw OnnxError("onnx-recurrent", "direction '\(name)' is unknown")
    }
    self.direction = direction
    let expected = Array(repeating: usual, count: direction.count).flatMap { $0 }
    let given = try node.strings("activations") ?? expected
    guard given.count == expected.count else {
      throw OnnxError("onnx-recurrent", "it has \(given.count) activations and needs \(expected.count)")
    }
    var alphas = (try node.floats("activation_alpha") ?? [])[...]
    var betas = (try node.floats("activation_beta") ?? [])[...]
    // Some exporters give factors to all functions, those that take none among them.
    let isPadded = alphas.count == given.count && betas.count == given.count
    let all = try given.map { name in
      let takes = Activation.factorCount(name)
      let alpha = takes.alpha > 0 || isPadded ? alphas.popFirst() : nil
      let beta = takes.beta > 0 || isPadded ? betas.popFirst() : nil
      return try Activation(name, factors: [alpha, beta])
    }
    activations = (0..<direction.count).map { Array(all[$0 * usual.count..<($0 + 1) * usual.count]) }
    isUsual = given.map { $0.lowercased() } == expected.map { $0.lowercased() }
    clip = try node.float("clip").flatMap { $0 > 0 ? $0 : nil }
    couples = try cell == .lstm && node.flag("input_forget")
  }

  /// Whether the op of the layer computes the same.
  var isPlain: Bool { isUsual && clip == nil && !couples }

  /// The state after each step [steps, directions, batch, hidden], the last one and that of the cell.
  func results() throws -> [Tensor] {
    let type = operands[0].elementType
    guard operands[0].rank == 3, type.isFloat else {
      throw OnnxError("onnx-recurrent", "it takes an input [steps, batch, size] of floats, not \(operands[0].type)")
    }
    var own = self
    // The loop computes in f32; what stands in it is not part of the node's composition.
    own.operands = operands.map { $0.isAbsent || !$0.elementType.isFloat || type == .f64 ? $0 : $0.cast(to: .f32) }
    let sides = try (0..<direction.count).map { try own.side($0) }
    return (0..<sides[0].count).map { index in
      Tensor.stacked(sides.map { $0[index] }, axis: index == 0 ? 1 : 0).cast(to: type)
    }
  }

  private func operand(_ index: Int, _ number: Int) throws -> Tensor? {
    guard index < operands.count, !operands[index].isAbsent else { return nil }
    let part = operands[index].sliced(axis: 0, start: Dimension(number), size: 1)
    return try node.reshape(part, Array(part.shape.dropFirst()))
  }

  private func columns(_ x: Tensor, _ gate: Int, _ count: Int = 1) -> Tensor {
    x.sliced(axis: -1, start: Dimension(gate * hidden), size: Dimension(count * hidden))
  }

  /// One direction: the states of all steps [steps, batch, hidden], the last one, that of the cell.
  private func side(_ number: Int) throws -> [Tensor] {
    let x = operands[0]
    let (steps, batch) = (x.shape[0], x.shape[1])
    guard let w = try operand(1, number), let r = try operand(2, number) else {
      throw OnnxError("onnx-missing-input", "its weights are missing")
    }
    let weights = try products.prepared(w, r, number)
    let bias = try operand(3, number)
    var given = try products.product(x, weights.input)
    if let bias {
      given = given + columns(bias, 0, cell.gates)
      let inner = columns(bias, cell.gates, cell.gates)
      // The bias within the reset stays apart.
      given =
        cell == .gruResetAfter
        ? given + Tensor.concat([columns(inner, 0, 2), columns(inner, 2).full(0, [Dimension(hidden)])], axis: 0)
        : given + inner
    }
    let zeros = x.full(0, [batch, Dimension(hidden)])
    let initial = try (cell.hasCellState ? [5, 6] : [5]).map { index in
      try operand(index, number).map { try node.reshape($0, [batch, Dimension(hidden)]) } ?? zeros
    }
    let isReverse = direction == .reverse || number == 1
    let lengths = operands.count > 4 && !operands[4].isAbsent ? operands[4].cast(to: .i64) : nil
    let step = RecurrentStep(
      cell: cell, hidden: hidden, activations: activations[number], clip: clip, couples: couples,
      peepholes: try operand(7, number), innerBias: cell == .gruResetAfter ? bias.map { columns($0, 5) } : nil,
      product: { state, gate, count in try products.product(state, weights.state, gate * hidden, count * hidden) })
    var results = try LoopPlan(node.graph).results(of: .dimension(steps), carrying: initial) { trip, state in
      let time = isReverse ? trip.dimensionValue(steps - 1) - trip : trip
      var next = try step.next(given.gather(time, axis: 0), state)
      var shown = next[0]
      if let lengths {
        let isInside = try node.reshape(time .< lengths, [batch, 1])
        shown = Tensor.select(isInside, shown, shown.like(0))
        next = zip(next, state).map { Tensor.select(isInside, $0, $1) }
      }
      return next + [shown]
    }
    let states = results.removeLast()
    return [isReverse ? states.reversed(axes: [0]) : states] + results
  }
}

/// The next state of a recurrent layer from what the input gives to the gates and the state before.
private struct RecurrentStep {
  let cell: RecurrentCell
  let hidden: Int
  let activations: [Activation]
  let clip: Double?
  let couples: Bool
  let peepholes: Tensor?
  let innerBias: Tensor?
  /// The product of a state with the weights of so many gates from one on.
  let product: (Tensor, Int, Int) throws -> Tensor

  private func part(_ x: Tensor, _ gate: Int) -> Tensor {
    x.sliced(axis: -1, start: Dimension(gate * hidden), size: Dimension(hidden))
  }

  private func activated(_ x: Tensor, _ number: Int) -> Tensor {
    activations[number].applied(to: clip.map { x.clip(minimum: -$0, maximum: $0) } ?? x)
  }

  func next(_ given: Tensor, _ state: [Tensor]) throws -> [Tensor] {
    switch cell {
    case .rnn: return try [activated(given + product(state[0], 0, 1), 0)]
    case .lstm: return try lstm(given + product(state[0], 0, 4), state[1])
    case .gru, .gruResetAfter: return try [gru(given, state[0])]
    }
  }

  private func lstm(_ sums: Tensor, _ before: Tensor) -> [Tensor] {
    func gate(_ number: Int, _ peephole: Int, _ cell: Tensor) -> Tensor {
      let sum = part(sums, number)
      return activated(peepholes.map { sum + part($0, peephole) * cell } ?? sum, 0)
    }
    let input = gate(0, 0, before)
    let forget = couples ? input.like(1) - input : gate(2, 2, before)
    let cell = forget * before + input * activated(part(sums, 3), 1)
    return [gate(1, 1, cell) * activations[2].applied(to: cell), cell]
  }

  private func gru(_ given: Tensor, _ state: Tensor) throws -> Tensor {
    let both = try product(state, 0, 2)
    let update = activated(part(given, 0) + part(both, 0), 0)
    let reset = activated(part(given, 1) + part(both, 1), 0)
    var inner: Tensor
    if cell == .gru {
      inner = try product(reset * state, 2, 1)
    } else {
      inner = try product(state, 2, 1)
      inner = reset * (innerBias.map { inner + $0 } ?? inner)
    }
    let new = activated(part(given, 2) + inner, 1)
    return (update.like(1) - update) * new + update * state
  }
}
