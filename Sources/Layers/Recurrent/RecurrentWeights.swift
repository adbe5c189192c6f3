import Tensors

/// The parameters of one direction of a recurrent layer. The rows of a gate follow those of another, in the order that
/// the layer tells, so that all of a step's products are one.
public struct RecurrentWeights: Module, Sendable {
  /// [gates · hidden, inputs].
  public var input: Tensor
  /// [gates · hidden, hidden].
  public var hidden: Tensor
  /// [2 · gates · hidden]: what is added to the products of the input, then to those of the state; nil where there is
  /// none.
  public var bias: Tensor?

  init(gates: Int, _ inputs: Int, _ size: Int, bias: Bool, _ initializer: Initializer) {
    input = initializer([gates * size, inputs], fanIn: inputs, fanOut: size)
    hidden = initializer([gates * size, size], fanIn: size, fanOut: size)
    self.bias = bias ? initializer([2 * gates * size], fanIn: size, fanOut: size) : nil
  }

  /// The size of the state.
  var size: Int { hidden.shape.last?.constant ?? 0 }
}

/// A layer's states: after each step, [n, steps, directions · hidden], and after the last.
struct RecurrentResult {
  var outputs: Tensor
  /// [directions, n, hidden] each: the state and, of an LSTM, the cell.
  var last: [Tensor]

  /// Runs a layer as ONNX defines it, over a batch of sequences [n, steps, inputs].
  init(_ op: any TensorOp, _ x: Tensor, _ directions: [RecurrentWeights], lengths: Tensor, states: [Tensor]) {
    func together(_ parts: [Tensor?]) -> Tensor {
      let found = parts.compactMap { $0 }
      return found.count < directions.count ? .absent : Tensor.stacked(found, axis: 0)
    }
    guard x.rank == 3 else {
      let wrong = x.mistake("rank", "'\(type(of: op).name)' takes sequences [n, steps, inputs], not \(x.type)")
      (outputs, last) = (wrong, [wrong, wrong])
      return
    }
    let operands =
      [
        x.transposed([1, 0, 2]), together(directions.map(\.input)), together(directions.map(\.hidden)),
        together(directions.map(\.bias)), lengths,
      ] + states
    let absent = Array(repeating: Tensor.absent, count: 1 + states.count)
    let found = Tensor.recorder(of: operands)?.record(op, operands, at: .unknown) ?? absent
    let wide = Dimension(directions.reduce(0) { $0 + $1.size })
    outputs =
      found[0].isPoison ? found[0] : found[0].transposed([2, 0, 1, 3]).reshaped(to: [x.shape[0], x.shape[1], wide])
    last = Array(found.dropFirst())
  }
}
