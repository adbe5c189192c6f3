import Tensors

/// What attention gives.
public struct AttentionResult: TensorContainer {
  /// [n, queries, size].
  public var context: Tensor
  /// How much each query takes of each key, [n, heads, queries, keys].
  public var weights: Tensor
}

/// The keys and values of the positions so far, [n, heads, steps, width] each, for sequences that are continued step by
/// step.
public struct AttentionCache: Module, Sendable {
  public var keys: Tensor
  public var values: Tensor

  /// Nothing yet, for sequences [batch, …].
  public init(batch: Int, heads: Int, width: Int, _ type: ElementType = .f32) {
    keys = .zeros([batch, heads, 0, width], type)
    values = .zeros([batch, heads, 0, width], type)
  }
}

/// Attention in several heads (Vaswani et al.: "Attention is all you need", 2017).
///
/// In training, dropout leaves out some of the weights, after the softmax.
public struct MultiHeadAttention: Module, Sendable {
  public var query: Linear
  public var key: Linear
  public var value: Linear
  public var output: Linear
  public var dropout: Dropout
  public var heads: Int
  /// How many heads keys and values have, each shared by several of the queries.
  public var keyHeads: Int
  /// Whether a query may take of nothing: eˣ / (1 + Σ eˣ).
  public var quietSoftmax: Bool

  /// - Parameters:
  ///   - size: of queries, and of the result.
  ///   - source: the size of what keys and values are made of; that of queries unless given.
  ///   - keyHeads: as many as heads unless given.
  public init(
    _ size: Int, heads: Int, source: Int? = nil, keyHeads: Int? = nil, dropout: Double = 0.1,
    quietSoftmax: Bool = false, bias: Bool = true
  ) {
    let keyHeads = keyHeads ?? heads
    let width = size / max(heads, 1) * keyHeads
    query = Linear(size, size, bias: bias)
    key = Linear(source ?? size, width, bias: bias)
    value = Linear(source ?? size, width, bias: bias)
    output = Linear(size, size, bias: bias)
    self.dropout = Dropout(dropout)
    self.heads = heads
    self.keyHeads = keyHeads
    self.quietSoftmax = quietSoftmax
  }

  /// A sequence attends to itself: [n, steps, size].
  /// - Parameters:
  ///   - padding: bool [n, steps], true where there is no token.
  ///   - mask: bool [steps, steps] or [n, steps, steps], true for keys that a query does not see; ``causalMask(_:)``.
  public func callAsFunction(
    _ x: Tensor, padding: Tensor = .absent, mask: Tensor = .absent, _ mode: Mode, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> AttentionResult {
    self(x, keys: x, values: x, padding: padding, mask: mask, mode, file: file, line: line, column: column)
  }

  /// Queries [n, queries, size] attend to keys and values [n, keys, source].
  public func callAsFunction(
    _ queries: Tensor, keys: Tensor, values: Tensor, padding: Tensor = .absent, mask: Tensor = .absent, _ mode: Mode,
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> AttentionResult {
    result([queries, keys, values, query.weight], file, line, column) {
      attend(
        split(query(queries), heads), split(key(keys), keyHeads), split(value(values), keyHeads), padding, mask, mode)
    }
  }

  /// The next positions of sequences, [n, new, size], which see those in the cache, each other up to themselves, and
  /// are put into it.
  public func callAsFunction(
    _ x: Tensor, cache: inout AttentionCache, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> AttentionResult {
    result([x, query.weight], file, line, column) {
      let keys = Tensor.concat([cache.keys, split(key(x), keyHeads)], axis: 2)
      let values = Tensor.concat([cache.values, split(value(x), keyHeads)], axis: 2)
      (cache.keys, cache.values) = (keys, values)
      let mask = causalMask(for: x, behind: keys.shape[keys.rank - 2])
      return attend(split(query(x), heads), keys, values, .absent, mask, .inference)
    }
  }

  /// An empty cache for so many sequences.
  public func emptyCache(batch: Int) -> AttentionCache {
    let size = query.weight.shape.last?.constant ?? 0
    return AttentionCache(batch: batch, heads: keyHeads, width: size / max(heads, 1), query.weight.elementType)
  }

  private func result(
    _ operands: [Tensor], _ file: String, _ line: Int, _ column: Int, _ body: () -> (Tensor, Tensor)
  ) -> AttentionResult {
    let (context, weights) = Tensor.placed(operands, file, line, column, body)
    return AttentionResult(context: context, weights: weights)
  }

  /// [n, steps, heads · width] as [n, heads, steps, width].
  private func split(_ x: Tensor, _ heads: Int) -> Tensor {
    guard x.rank == 3, let size = x.shape[2].constant, heads > 0, size % heads == 0 else {
      return x.mistake("shape-mismatch", "\(heads) heads take sequences [n, steps, \(heads) · width], not \(x.type)")
    }
    return x.reshaped(to: [x.shape[0], x.shape[1], Dimension(heads), Dimension(size / heads)]).transposed([0, 2, 1, 3])
  }

  /// Keys or values of fewer heads for as many as queries have.
  private func shared(_ x: Tensor) -> Tensor {
    guard keyHeads != heads, keyHeads > 0, heads % keyHeads == 0, !x.isPoison else { return x }
    let times = Dimension(heads / keyHeads)
    let wide = x.unsqueezed(axes: [2]).broadcast(to: [x.shape[0], x.shape[1], times, x.shape[2], x.shape[3]])
    return wide.reshaped(to: [x.shape[0], x.shape[1] * times, x.shape[2], x.shape[3]])
  }

  private func attend(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, _ padding: Tensor, _ mask: Tensor, _ mode: Mode
  ) -> (Tensor, Tensor) {
    if queries.isPoison || keys.isPoison || values.isPoison {
      let poison = [queries, keys, values].first(where: \.isPoison) ?? queries
      return (poison, poison)
    }
    let width = Double(queries.shape[3].constant ?? 1)
    let scores = queries.matmul(shared(keys).transposed()) * (1 / width.squareRoot())
    let weights = dropout(normalised(scores, hidden(padding, mask)), mode)
    let context = weights.matmul(shared(values)).transposed([0, 2, 1, 3])
      .reshaped(to: [queries.shape[0], queries.shape[2], queries.shape[1] * queries.shape[3]])
    return (output(context), weights)
  }

  /// Which keys are not seen, broadcast to [n, heads, queries, keys].
  private func hidden(_ padding: Tensor, _ mask: Tensor) -> Tensor {
    let keys = padding.isAbsent ? padding : padding.unsqueezed(axes: [1, 2])
    let pairs = mask.rank == 3 && !mask.isAbsent ? mask.unsqueezed(axes: [1]) : mask
    if keys.isAbsent { return pairs }
    return pairs.isAbsent ? keys : keys .| pairs
  }

  private func normalised(_ scores: Tensor, _ hidden: Tensor) -> Tensor {
    func softmax(_ x: Tensor) -> Tensor { quietSoftmax ? x.quietSoftmax(axis: -1) : x.softmax(axis: -1) }
    if hidden.isAbsent { return softmax(scores) }
    let seen = scores.replacing(where: hidden, with: -.infinity)
    // Of nothing but -inf a softmax would be NaN: a query that sees nothing takes of nothing.
    return Tensor.select(hidden.all(axes: [hidden.rank - 1], keepAxes: true), seen.like(0), softmax(seen))
  }
}
