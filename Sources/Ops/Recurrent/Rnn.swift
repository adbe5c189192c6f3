import TensorIR

/// The plain recurrent layer (ONNX `RNN` with its default activation): h' = tanh(W·x + R·h + b) for each
/// step.
public struct Rnn: RecurrentLayer {
  public static let name = "rnn"
  public static let summary = "A recurrent layer with tanh over all steps of a sequence, as ONNX defines RNN."
  public static let signature = Signature(operands: 3...6, optional: [3, 4, 5], results: 2...2)
  public var direction: RecurrentDirection
  public var hidden: Int
  public var cell: RecurrentCell { .rnn }

  public init(direction: RecurrentDirection = .forward, hidden: Int) {
    self.direction = direction
    self.hidden = hidden
  }
}
