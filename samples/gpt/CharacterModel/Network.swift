import TensorTraining

/// A transformer that says what character comes next (Radford et al.: "Language models are unsupervised multitask
/// learners", 2019): tokens [n, steps] give logits [n, steps, vocabulary].
public struct CharacterModel: Module {
  var tokens: Embedding
  var positions: Embedding
  var dropout: Dropout
  var layers: [TransformerEncoderLayer]
  var norm: LayerNorm
  var output: Linear
  /// Whether a layer's inside is computed again in the backward pass.
  public var checkpoints = false

  /// - Parameter length: the most steps of a sequence.
  public init(
    vocabulary: Int, length: Int, size: Int = 128, layers: Int = 4, heads: Int = 4, dropout probability: Double = 0.1
  ) {
    tokens = Embedding(vocabulary, size)
    positions = Embedding(length, size)
    tokens.weight = .normal([vocabulary, size], deviation: 0.02)
    positions.weight = .normal([length, size], deviation: 0.02)
    dropout = Dropout(probability)
    self.layers = (0..<layers).map { _ in
      TransformerEncoderLayer(size, heads: heads, inner: 4 * size, dropout: probability, normsFirst: true)
    }
    norm = LayerNorm(size)
    output = Linear(size, vocabulary)
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let places = positions.weight.sliced(axis: 0, start: 0, size: x.shape[1])
    var hidden = dropout(tokens(x) + places, mode)
    let mask = causalMask(for: x)
    for layer in layers {
      hidden = checkpoints ? checkpointed { layer(hidden, mask: mask, mode) } : layer(hidden, mask: mask, mode)
    }
    return output(norm(hidden))
  }
}
