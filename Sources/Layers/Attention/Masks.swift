import Tensors

/// Which positions a sequence does not see from each of its own, bool [length, length]: those after it.
public func causalMask(_ length: Int) -> Tensor {
  Tensor(
    (0..<max(length, 0) * max(length, 0)).map { $0 % length > $0 / length ? 1 : 0 }, shape: [length, length], .bool)
}

/// ``causalMask(_:)`` for each of a batch: bool [batch, length, length].
public func causalMask(batch: Int, _ length: Int) -> Tensor {
  causalMask(length).broadcast(to: [Dimension(batch), Dimension(length), Dimension(length)])
}

/// ``causalMask(_:)`` of the size of sequences [n, steps, …], whose number may be a symbol; with `behind` for queries that
/// are the last of so many keys.
public func causalMask(for x: Tensor, behind keys: Dimension? = nil) -> Tensor {
  guard x.rank >= 2 else { return x.mistake("rank", "a causal mask is for sequences [n, steps, …], not \(x.type)") }
  let queries = x.shape[1]
  let keys = keys ?? queries
  let places = x.iota(.i64, [queries, keys], axis: 0) + x.dimensionValue(keys - queries)
  return x.iota(.i64, [queries, keys], axis: 1) .> places
}

/// Sequences of tokens of different lengths as a batch: tokens i64 [n, length], and a mask that is true where there is
/// none.
/// - Parameters:
///   - padding: the token put where a sequence has ended; tokens equal to it are masked too.
///   - length: of the batch, that of the longest sequence if none is given; longer ones are cut.
public func paddedTokens(_ sequences: [[Int]], padding: Int, length: Int? = nil) -> (tokens: Tensor, mask: Tensor) {
  let length = max(length ?? sequences.map(\.count).max() ?? 0, 0)
  let rows = sequences.map { Array($0.prefix(length)) + Array(repeating: padding, count: max(length - $0.count, 0)) }
  let tokens = Tensor(of: rows.flatMap { $0.map { Int64($0) } }, shape: [sequences.count, length])
  return (tokens, tokens .== Double(padding))
}
