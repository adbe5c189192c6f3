import TensorIR

/// Long short-term memory (ONNX `LSTM`). For each step, with · the product with the gate's rows of the
/// weights,
///
///     i = σ(W·x + R·h + b + P·c)    f = σ(W·x + R·h + b + P·c)    z = tanh(W·x + R·h + b)
///     c' = f c + i z                 o = σ(W·x + R·h + b + P·c')   h' = o tanh(c')
///
/// where every gate has its own W, R and b (the sum of both biases). Rows of the weights are in the order i,
/// o, f, c. Beside the operands of every ``RecurrentLayer`` it takes (6) the initial cell state [directions,
/// batch, hidden] and (7) the peepholes P of i, o, f [directions, 3 · hidden], either of which may be absent;
/// a third result is the last cell state.
public struct Lstm: RecurrentLayer {
  public static let name = "lstm"
  public static let summary =
    "A layer of long short-term memory over all steps of a sequence, as ONNX defines LSTM."
  public static let signature = Signature(operands: 3...8, optional: [3, 4, 5, 6, 7], results: 3...3)
  public var direction: RecurrentDirection
  public var hidden: Int
  public var cell: RecurrentCell { .lstm }

  public init(direction: RecurrentDirection = .forward, hidden: Int) {
    self.direction = direction
    self.hidden = hidden
  }
}
