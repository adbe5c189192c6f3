import TensorIR
import TensorOps

extension Tensor {
  /// The cross product of vectors of 3 along an axis; the other axes broadcast (NumPy `cross`).
  public func cross(_ other: Tensor, axis: Int = -1) -> Tensor {
    func rolled(_ x: Tensor, _ places: Int) -> Tensor { x.rolled(by: places, axis: axis) }
    guard let own = self.axis(axis), shape[own] == 3 else {
      return mistake("shape-mismatch", "a cross product takes vectors of 3 on axis \(axis), not \(type)")
    }
    return .composed { rolled(self, -1) * rolled(other, -2) - rolled(self, -2) * rolled(other, -1) }
  }

  /// Scaled dot product attention (Vaswani et al., 2017): softmax(q kᵀ / √d + bias) v for queries [.., n, d], keys
  /// [.., m, d] and values [.., m, e]; gives [.., n, e].
  /// - Parameters:
  ///   - mask: bool, broadcast to [.., n, m]: which keys a query does not see. A query that sees none gives 0.
  ///   - bias: added to the scores.
  ///   - scale: in place of 1/√d.
  public static func attention(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, mask: Tensor = .absent, bias: Tensor = .absent,
    scale: Double? = nil
  ) -> Tensor {
    attention(queries, keys, values, mask: mask, bias: bias, scale: scale, causal: false)
  }

  /// The same, of queries that see no key behind their own position where it is `causal`: they are the last positions of the keys.
  public static func attention(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, mask: Tensor = .absent, bias: Tensor = .absent,
    scale: Double? = nil, causal: Bool
  ) -> Tensor {
    guard queries.rank >= 2, keys.rank == queries.rank else {
      return queries.mistake(
        "rank", "attention takes queries [.., n, d] and keys [.., m, d], not \(queries.type) and \(keys.type)")
    }
    return composed { attended(queries, keys, values, mask: mask, bias: bias, scale: scale, causal: causal) }
  }

  private static func attended(
    _ queries: Tensor, _ keys: Tensor, _ values: Tensor, mask: Tensor, bias: Tensor, scale: Double?, causal: Bool
  ) -> Tensor {
    let type = queries.elementType
    var (queries, scale) = (
      queries, scale ?? queries.shape[queries.rank - 1].constant.map { 1 / Double($0).squareRoot() }
    )
    if scale == nil {
      queries = queries / queries.dimensionValue(queries.shape[queries.rank - 1]).cast(to: type).sqrt()
      scale = 1
    }
    var (hidden, shown, nothing) = (-Double.infinity, mask, mask)
    if !mask.isAbsent {
      if causal {
        let shape = (queries.shape[queries.rank - 2], keys.shape[keys.rank - 2])
        nothing = mask .| Attention.behind(shape.0, shape.1, beside: queries)
      }
      nothing = nothing.all(axes: [nothing.rank - 1], keepAxes: true)
      // Of nothing but -inf a softmax, and its gradient, would be NaN: a number hides as well, or, beside a bias that may be less than
      // any number, such a query sees for the while what it may not.
      if bias.isAbsent { hidden = type == .f16 ? -6e4 : -1e30 } else { shown = mask .& .!nothing }
    }
    let op = Attention(scale: scale ?? 1, hidden: hidden, causal: causal)
    let operands = [queries, keys, values, bias, shown]
    let result = recorder(of: operands)?.record(op, operands, at: .unknown).first ?? .absent
    return mask.isAbsent ? result : .select(nothing, result.like(0), result)
  }

  /// The inner product of two vectors of one length, a scalar; other ranks give `rank` (NumPy `dot` of vectors).
  public func dot(_ other: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    Tensor.placed([self, other], file, line, column) {
      guard rank == 1, other.rank == 1 else {
        return mistake("rank", "'dot' takes two vectors, not \(type) and \(other.type)")
      }
      // As a product of matrices, in which an extent of 1 does not stretch.
      return unsqueezed(axes: [0]).matmul(other.unsqueezed(axes: [1])).reshaped(to: [])
    }
  }

  /// The products of each two elements of vectors along an axis: on `axis` the elements of this tensor, on a new axis behind it
  /// those of the other; the axes around them broadcast (NumPy `outer` of vectors; of batches, `[.., i]` and `[.., j]` give
  /// `[.., i, j]`).
  public func outer(
    _ other: Tensor, axis: Int = -1, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    Tensor.placed([self, other], file, line, column) {
      guard let own = self.axis(axis) else { return noAxis([axis]) }
      guard rank == other.rank else {
        return mistake("rank", "'outer' takes tensors of one rank, not \(type) and \(other.type)")
      }
      return unsqueezed(axes: [own + 1]) * other.unsqueezed(axes: [own])
    }
  }

  /// Matrices [.., m, n] times vectors [.., n]: [.., m]; axes in front broadcast.
  public func matvec(_ vector: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column) -> Tensor {
    Tensor.placed([self, vector], file, line, column) {
      guard rank >= 2, vector.rank >= 1 else {
        return mistake("rank", "'matvec' takes matrices and vectors, not \(type) and \(vector.type)")
      }
      return matmul(vector.unsqueezed(axes: [-1])).squeezed(axes: [-1])
    }
  }
}
