import TensorIR

/// Which way a recurrent layer walks through the steps of its input.
public enum RecurrentDirection: String, Codable, Hashable, Sendable, CaseIterable {
  case forward, reverse
  /// Two sets of weights, the first walks forward and the second backward.
  case bidirectional

  /// How many sets of weights there are.
  public var count: Int { self == .bidirectional ? 2 : 1 }

  /// Whether the set of weights with this number walks from the last step to the first.
  func isReverse(_ number: Int) -> Bool { self == .reverse || number == 1 }
}

/// How a recurrent layer makes its next state; the names of gates are those of ONNX, in the order of its
/// weights.
public enum RecurrentCell: String, Codable, Hashable, Sendable, CaseIterable {
  /// Gates i, o, f, c.
  case lstm
  /// Gates z, r, h; the reset gate applies to the state before the recurrent product.
  case gru
  /// Gates z, r, h; the reset gate applies to the recurrent product and its bias (PyTorch, cuDNN).
  case gruResetAfter = "gru_reset_after"
  /// One gate, tanh.
  case rnn

  /// The number of gates, each of which has a block of rows in the weights.
  public var gates: Int {
    switch self {
    case .lstm: 4
    case .gru, .gruResetAfter: 3
    case .rnn: 1
    }
  }

  /// Whether it keeps a cell state beside the hidden state.
  public var hasCellState: Bool { self == .lstm }
}
