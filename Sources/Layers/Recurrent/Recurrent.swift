import Tensors

/// Long short-term memory (Hochreiter, Schmidhuber, 1997): c' = f c + i tanh(…), h' = o tanh(c'). The gates' rows are
/// in the order i, o, f, c.
public struct LSTM: Module, Sendable {
  public var weights: RecurrentWeights

  public init(
    _ inputs: Int, _ size: Int, bias: Bool = true, initializer: Initializer = .xavierNormal()
  ) {
    weights = RecurrentWeights(gates: 4, inputs, size, bias: bias, initializer)
  }

  /// Sequences [n, steps, inputs] give the states after each step, [n, steps, hidden], and after the last.
  /// - Parameters:
  ///   - hidden: the state before the first step, [n, hidden]; zeros where left out.
  ///   - lengths: the number of steps of each sequence, i32 [n]; all where left out. What follows gives zeros.
  public func callAsFunction(
    _ x: Tensor, hidden: Tensor = .absent, cell: Tensor = .absent, lengths: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> (outputs: Tensor, hidden: Tensor, cell: Tensor) {
    located(x, weights.input, file: file, line: line, column: column) {
      let states = [
        hidden.isAbsent ? hidden : hidden.unsqueezed(axes: [0]), cell.isAbsent ? cell : cell.unsqueezed(axes: [0]),
      ]
      let op = Lstm(direction: .forward, hidden: weights.size)
      let found = RecurrentResult(op, x, [weights], lengths: lengths, states: states)
      return (found.outputs, single(found.last[0]), single(found.last[1]))
    }
  }
}

/// LSTM from both ends of a sequence, each with weights of its own; the states lie side by side.
public struct BiLSTM: Module, Sendable {
  public var forward: RecurrentWeights
  public var backward: RecurrentWeights

  public init(
    _ inputs: Int, _ size: Int, bias: Bool = true, initializer: Initializer = .xavierNormal()
  ) {
    forward = RecurrentWeights(gates: 4, inputs, size, bias: bias, initializer)
    backward = RecurrentWeights(gates: 4, inputs, size, bias: bias, initializer)
  }

  /// Sequences [n, steps, inputs] give the states after each step, [n, steps, 2 · hidden], and after the last.
  /// - Parameters:
  ///   - hidden: the state before the first step, [2, n, hidden]; zeros where left out.
  ///   - lengths: the number of steps of each sequence, i32 [n]; all where left out. What follows gives zeros.
  public func callAsFunction(
    _ x: Tensor, hidden: Tensor = .absent, cell: Tensor = .absent, lengths: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> (outputs: Tensor, hidden: Tensor, cell: Tensor) {
    located(x, forward.input, file: file, line: line, column: column) {
      let states = [hidden, cell]
      let op = Lstm(direction: .bidirectional, hidden: forward.size)
      let found = RecurrentResult(op, x, [forward, backward], lengths: lengths, states: states)
      return (found.outputs, found.last[0], found.last[1])
    }
  }
}

/// A gated recurrent unit (Cho et al., 2014): h' = (1 - z) n + z h. The gates' rows are in the order z, r, n.
public struct GRU: Module, Sendable {
  public var weights: RecurrentWeights
  /// Whether the reset gate applies to the product of the state rather than to the state before it.
  public var resetsAfter: Bool

  public init(
    _ inputs: Int, _ size: Int, bias: Bool = true, resetsAfter: Bool = true, initializer: Initializer = .xavierNormal()
  ) {
    weights = RecurrentWeights(gates: 3, inputs, size, bias: bias, initializer)
    self.resetsAfter = resetsAfter
  }

  /// Sequences [n, steps, inputs] give the states after each step, [n, steps, hidden], and after the last.
  /// - Parameters:
  ///   - hidden: the state before the first step, [n, hidden]; zeros where left out.
  ///   - lengths: the number of steps of each sequence, i32 [n]; all where left out. What follows gives zeros.
  public func callAsFunction(
    _ x: Tensor, hidden: Tensor = .absent, lengths: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> (outputs: Tensor, hidden: Tensor) {
    located(x, weights.input, file: file, line: line, column: column) {
      let states = [hidden.isAbsent ? hidden : hidden.unsqueezed(axes: [0])]
      let op = Gru(direction: .forward, hidden: weights.size, linearBeforeReset: resetsAfter)
      let found = RecurrentResult(op, x, [weights], lengths: lengths, states: states)
      return (found.outputs, single(found.last[0]))
    }
  }
}

/// GRU from both ends of a sequence, each with weights of its own; the states lie side by side.
public struct BiGRU: Module, Sendable {
  public var forward: RecurrentWeights
  public var backward: RecurrentWeights
  /// Whether the reset gate applies to the product of the state rather than to the state before it.
  public var resetsAfter: Bool

  public init(
    _ inputs: Int, _ size: Int, bias: Bool = true, resetsAfter: Bool = true, initializer: Initializer = .xavierNormal()
  ) {
    forward = RecurrentWeights(gates: 3, inputs, size, bias: bias, initializer)
    backward = RecurrentWeights(gates: 3, inputs, size, bias: bias, initializer)
    self.resetsAfter = resetsAfter
  }

  /// Sequences [n, steps, inputs] give the states after each step, [n, steps, 2 · hidden], and after the last.
  /// - Parameters:
  ///   - hidden: the state before the first step, [2, n, hidden]; zeros where left out.
  ///   - lengths: the number of steps of each sequence, i32 [n]; all where left out. What follows gives zeros.
  public func callAsFunction(
    _ x: Tensor, hidden: Tensor = .absent, lengths: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> (outputs: Tensor, hidden: Tensor) {
    located(x, forward.input, file: file, line: line, column: column) {
      let states = [hidden]
      let op = Gru(direction: .bidirectional, hidden: forward.size, linearBeforeReset: resetsAfter)
      let found = RecurrentResult(op, x, [forward, backward], lengths: lengths, states: states)
      return (found.outputs, found.last[0])
    }
  }
}

/// Elman's recurrent layer (1990): h' = tanh(W x + R h + b).
public struct RNN: Module, Sendable {
  public var weights: RecurrentWeights

  public init(
    _ inputs: Int, _ size: Int, bias: Bool = true, initializer: Initializer = .xavierNormal()
  ) {
    weights = RecurrentWeights(gates: 1, inputs, size, bias: bias, initializer)
  }

  /// Sequences [n, steps, inputs] give the states after each step, [n, steps, hidden], and after the last.
  /// - Parameters:
  ///   - hidden: the state before the first step, [n, hidden]; zeros where left out.
  ///   - lengths: the number of steps of each sequence, i32 [n]; all where left out. What follows gives zeros.
  public func callAsFunction(
    _ x: Tensor, hidden: Tensor = .absent, lengths: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> (outputs: Tensor, hidden: Tensor) {
    located(x, weights.input, file: file, line: line, column: column) {
      let states = [hidden.isAbsent ? hidden : hidden.unsqueezed(axes: [0])]
      let op = Rnn(direction: .forward, hidden: weights.size)
      let found = RecurrentResult(op, x, [weights], lengths: lengths, states: states)
      return (found.outputs, single(found.last[0]))
    }
  }
}

/// RNN from both ends of a sequence, each with weights of its own; the states lie side by side.
public struct BiRNN: Module, Sendable {
  public var forward: RecurrentWeights
  public var backward: RecurrentWeights

  public init(
    _ inputs: Int, _ size: Int, bias: Bool = true, initializer: Initializer = .xavierNormal()
  ) {
    forward = RecurrentWeights(gates: 1, inputs, size, bias: bias, initializer)
    backward = RecurrentWeights(gates: 1, inputs, size, bias: bias, initializer)
  }

  /// Sequences [n, steps, inputs] give the states after each step, [n, steps, 2 · hidden], and after the last.
  /// - Parameters:
  ///   - hidden: the state before the first step, [2, n, hidden]; zeros where left out.
  ///   - lengths: the number of steps of each sequence, i32 [n]; all where left out. What follows gives zeros.
  public func callAsFunction(
    _ x: Tensor, hidden: Tensor = .absent, lengths: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> (outputs: Tensor, hidden: Tensor) {
    located(x, forward.input, file: file, line: line, column: column) {
      let states = [hidden]
      let op = Rnn(direction: .bidirectional, hidden: forward.size)
      let found = RecurrentResult(op, x, [forward, backward], lengths: lengths, states: states)
      return (found.outputs, found.last[0])
    }
  }
}

/// What a layer of one direction gives last, without the axis of directions.
private func single(_ last: Tensor) -> Tensor { last.isPoison ? last : last.squeezed(axes: [0]) }
