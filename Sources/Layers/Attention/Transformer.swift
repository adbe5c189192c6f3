import Tensors

/// Linear, activation, dropout, linear, at each position alone.
public struct PositionWiseFeedForward: Module, Sendable {
  public var inner: Linear
  public var outer: Linear
  public var dropout: Dropout
  public var activation: Activation

  public init(_ size: Int, inner: Int, dropout: Double = 0.1, activation: Activation = .gelu) {
    self.inner = Linear(size, inner)
    outer = Linear(inner, size)
    self.dropout = Dropout(dropout)
    self.activation = activation
  }

  public func callAsFunction(
    _ x: Tensor, _ mode: Mode, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, inner.weight], file, line, column) { outer(dropout(activation(inner(x)), mode)) }
  }
}

/// A layer of sublayers, each added to what goes into it.
private protocol Residual {
  var dropout: Dropout { get }
  var normsFirst: Bool { get }
}

extension Residual {
  fileprivate func residual(
    _ x: Tensor, _ norm: LayerNorm, _ mode: Mode, _ sublayer: (Tensor) -> Tensor
  ) -> Tensor {
    let sum = x + dropout(sublayer(normsFirst ? norm(x) : x), mode)
    return normsFirst ? sum : norm(sum)
  }
}

/// Runs layers one after the other, each with a cache of its own.
private func stepped<Layer>(
  _ x: Tensor, _ layers: [Layer], _ caches: inout [AttentionCache],
  _ body: (Layer, Tensor, inout AttentionCache) -> Tensor
) -> Tensor {
  guard caches.count == layers.count else {
    return x.mistake(
      "cache-mismatch",
      "\(layers.count) layers take as many caches, those of 'emptyCache(batch:)', and were given \(caches.count)")
  }
  var x = x
  for (index, layer) in layers.enumerated() { x = body(layer, x, &caches[index]) }
  return x
}

/// Attention of a sequence to itself and a feed-forward layer, each added to what goes in and normalised.
public struct TransformerEncoderLayer: Module, Sendable, Residual {
  public var attention: MultiHeadAttention
  public var feedForward: PositionWiseFeedForward
  public var attentionNorm: LayerNorm
  public var feedForwardNorm: LayerNorm
  public var dropout: Dropout
  /// Whether what goes into a sublayer is normalised (Xiong et al., 2020), rather than the sum after it.
  public var normsFirst: Bool

  public init(
    _ size: Int, heads: Int, inner: Int, dropout: Double = 0.1, normsFirst: Bool = false, quietSoftmax: Bool = false,
    activation: Activation = .gelu
  ) {
    attention = MultiHeadAttention(size, heads: heads, dropout: dropout, quietSoftmax: quietSoftmax)
    feedForward = PositionWiseFeedForward(size, inner: inner, dropout: dropout, activation: activation)
    attentionNorm = LayerNorm(size)
    feedForwardNorm = LayerNorm(size)
    self.dropout = Dropout(dropout)
    self.normsFirst = normsFirst
  }

  /// [n, steps, size]; masks as ``MultiHeadAttention`` takes them.
  public func callAsFunction(
    _ x: Tensor, padding: Tensor = .absent, mask: Tensor = .absent, _ mode: Mode, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, attentionNorm.scale], file, line, column) {
      let seen = residual(x, attentionNorm, mode) { attention($0, padding: padding, mask: mask, mode).context }
      return residual(seen, feedForwardNorm, mode) { feedForward($0, mode) }
    }
  }

  /// The next positions of sequences in inference; see
  /// ``MultiHeadAttention/callAsFunction(_:cache:file:line:column:)``.
  public func callAsFunction(
    _ x: Tensor, cache: inout AttentionCache, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, attentionNorm.scale], file, line, column) {
      let seen = residual(x, attentionNorm, .inference) { attention($0, cache: &cache).context }
      return residual(seen, feedForwardNorm, .inference) { feedForward($0, .inference) }
    }
  }
}

/// Encoder layers one after the other.
public struct TransformerEncoder: Module, Sendable {
  public var layers: [TransformerEncoderLayer]

  public init(
    _ size: Int, layers: Int, heads: Int, inner: Int, dropout: Double = 0.1, normsFirst: Bool = false,
    quietSoftmax: Bool = false, activation: Activation = .gelu
  ) {
    self.layers = (0..<layers).map { _ in
      TransformerEncoderLayer(
        size, heads: heads, inner: inner, dropout: dropout, normsFirst: normsFirst, quietSoftmax: quietSoftmax,
        activation: activation)
    }
  }

  public func callAsFunction(
    _ x: Tensor, padding: Tensor = .absent, mask: Tensor = .absent, _ mode: Mode, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    layers.reduce(x) { $1($0, padding: padding, mask: mask, mode, file: file, line: line, column: column) }
  }

  /// The next positions of sequences, in inference.
  public func callAsFunction(
    _ x: Tensor, cache: inout [AttentionCache], file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x], file, line, column) { stepped(x, layers, &cache) { $0($1, cache: &$2) } }
  }

  /// An empty cache for so many sequences.
  public func emptyCache(batch: Int) -> [AttentionCache] { layers.map { $0.attention.emptyCache(batch: batch) } }
}

/// Attention of a sequence to itself, then to another, and a feed-forward layer.
public struct TransformerDecoderLayer: Module, Sendable, Residual {
  public var selfAttention: MultiHeadAttention
  public var crossAttention: MultiHeadAttention
  public var feedForward: PositionWiseFeedForward
  public var selfNorm: LayerNorm
  public var crossNorm: LayerNorm
  public var feedForwardNorm: LayerNorm
  public var dropout: Dropout
  public var normsFirst: Bool

  public init(
    _ size: Int, heads: Int, inner: Int, dropout: Double = 0.1, normsFirst: Bool = false, quietSoftmax: Bool = false,
    activation: Activation = .gelu
  ) {
    selfAttention = MultiHeadAttention(size, heads: heads, dropout: dropout, quietSoftmax: quietSoftmax)
    crossAttention = MultiHeadAttention(size, heads: heads, dropout: dropout, quietSoftmax: quietSoftmax)
    feedForward = PositionWiseFeedForward(size, inner: inner, dropout: dropout, activation: activation)
    selfNorm = LayerNorm(size)
    crossNorm = LayerNorm(size)
    feedForwardNorm = LayerNorm(size)
    self.dropout = Dropout(dropout)
    self.normsFirst = normsFirst
  }

  /// [n, steps, size] and what it attends to, [n, source steps, size].
  public func callAsFunction(
    _ x: Tensor, memory: Tensor, padding: Tensor = .absent, mask: Tensor = .absent, memoryPadding: Tensor = .absent,
    memoryMask: Tensor = .absent, _ mode: Mode, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, memory, selfNorm.scale], file, line, column) {
      let seen = residual(x, selfNorm, mode) { selfAttention($0, padding: padding, mask: mask, mode).context }
      return rest(seen, memory, memoryPadding, memoryMask, mode)
    }
  }

  /// The next positions of sequences in inference.
  public func callAsFunction(
    _ x: Tensor, memory: Tensor, cache: inout AttentionCache, memoryPadding: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, memory, selfNorm.scale], file, line, column) {
      let seen = residual(x, selfNorm, .inference) { selfAttention($0, cache: &cache).context }
      return rest(seen, memory, memoryPadding, .absent, .inference)
    }
  }

  private func rest(_ x: Tensor, _ memory: Tensor, _ padding: Tensor, _ mask: Tensor, _ mode: Mode) -> Tensor {
    let crossed = residual(x, crossNorm, mode) {
      crossAttention($0, keys: memory, values: memory, padding: padding, mask: mask, mode).context
    }
    return residual(crossed, feedForwardNorm, mode) { feedForward($0, mode) }
  }
}

/// Decoder layers one after the other.
public struct TransformerDecoder: Module, Sendable {
  public var layers: [TransformerDecoderLayer]

  public init(
    _ size: Int, layers: Int, heads: Int, inner: Int, dropout: Double = 0.1, normsFirst: Bool = false,
    quietSoftmax: Bool = false, activation: Activation = .gelu
  ) {
    self.layers = (0..<layers).map { _ in
      TransformerDecoderLayer(
        size, heads: heads, inner: inner, dropout: dropout, normsFirst: normsFirst, quietSoftmax: quietSoftmax,
        activation: activation)
    }
  }

  public func callAsFunction(
    _ x: Tensor, memory: Tensor, padding: Tensor = .absent, mask: Tensor = .absent, memoryPadding: Tensor = .absent,
    memoryMask: Tensor = .absent, _ mode: Mode, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    layers.reduce(x) {
      $1(
        $0, memory: memory, padding: padding, mask: mask, memoryPadding: memoryPadding, memoryMask: memoryMask, mode,
        file: file, line: line, column: column)
    }
  }

  /// The next positions of sequences, in inference.
  public func callAsFunction(
    _ x: Tensor, memory: Tensor, cache: inout [AttentionCache], memoryPadding: Tensor = .absent,
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([x, memory], file, line, column) {
      stepped(x, layers, &cache) { $0($1, memory: memory, cache: &$2, memoryPadding: memoryPadding) }
    }
  }

  /// An empty cache for so many sequences.
  public func emptyCache(batch: Int) -> [AttentionCache] { layers.map { $0.selfAttention.emptyCache(batch: batch) } }
}
