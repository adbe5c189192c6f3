import TensorIR

/// A gated recurrent unit (ONNX `GRU`). For each step, with · the product with the gate's rows of the
/// weights,
///
///     z = σ(W·x + R·h + b)    r = σ(W·x + R·h + b)    h' = (1 - z) n + z h
///     n = tanh(W·x + R·(r h) + b), or with `linearBeforeReset` n = tanh(W·x + bW + r (R·h + bR))
///
/// where every gate has its own W, R and b. Rows of the weights are in the order z, r, n.
public struct Gru: RecurrentLayer {
  public static let name = "gru"
  public static let summary =
    "A layer of gated recurrent units over all steps of a sequence, as ONNX defines GRU."
  public static let signature = Signature(operands: 3...6, optional: [3, 4, 5], results: 2...2)
  public var direction: RecurrentDirection
  public var hidden: Int
  /// Whether the reset gate applies to the recurrent product, as in PyTorch, rather than to the state before
  /// it.
  public var linearBeforeReset: Bool
  public var cell: RecurrentCell { linearBeforeReset ? .gruResetAfter : .gru }

  public init(direction: RecurrentDirection = .forward, hidden: Int, linearBeforeReset: Bool = false) {
    self.direction = direction
    self.hidden = hidden
    self.linearBeforeReset = linearBeforeReset
  }
}
