import TensorIR
import TensorOps

// Layers without a generator of their own draw from the shared one, which ``seedRandomNumbers(_:)`` seeds.
extension Linear {
  /// See ``init(_:_:bias:random:)``.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true) {
    self = SharedRandomNumbers.draw { Linear(inputs, outputs, bias: bias, random: &$0) }
  }

  /// See ``init(_:_:bias:random:)``.
  public init(inputs: Int, outputs: Int, bias: Bool = true) { self.init(inputs, outputs, bias: bias) }
}

extension Embedding {
  /// See ``init(_:_:random:)``.
  public init(_ entries: Int, _ size: Int) {
    self = SharedRandomNumbers.draw { Embedding(entries, size, random: &$0) }
  }

  /// See ``init(_:_:random:)``.
  public init(vocabularySize: Int, embeddingSize: Int) { self.init(vocabularySize, embeddingSize) }
}

extension SGD {
  public init(learningRate: Double, momentum: Double = 0, weightDecay: Double = 0) {
    self.init(rate: learningRate, momentum: momentum, weightDecay: weightDecay)
  }
}

extension Adam {
  public init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-5, weightDecay: Double = 0
  ) { self.init(rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay) }
}

extension AdamW {
  public init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-5, weightDecay: Double = 1e-4
  ) { self.init(rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay) }
}
