import TensorIR
import TensorOps

/// How long a vector is.
public enum VectorNorm: Sendable, Equatable {
  /// How many elements are not 0.
  case l0
  /// Σ |x|.
  case l1
  /// The root of Σ x².
  case l2
  /// The greatest |x|.
  case infinity
  /// The least |x|.
  case negativeInfinity
  /// (Σ |x|^p)^(1/p); `p` may be negative, but is no infinity, NaN or 0.
  case p(Double)
}

// Axes may count from the end. An axis that is not there, or is named twice, gives `bad-axis`.
extension Tensor {
  /// The norm of vectors that lie on axes (NumPy `linalg.norm` of vectors, MLX `norm`); 16-bit floats are summed in f32. Of
  /// nothing it is 0, but `infinity` and `negativeInfinity` are what ``max(axes:keepAxes:)`` and ``min(axes:keepAxes:)`` give.
  ///
  /// The gradient of a vector of zeros is 0, and that of the extremes goes to the elements that ``max(axes:keepAxes:)`` would
  /// give it. Integers have the norms without roots, `l2` and `p` give `element-type` for them.
  ///
  /// - Parameter keepAxes: whether the axes stay, with extent 1.
  public func norm(
    _ kind: VectorNorm = .l2, axes: [Int], keepAxes: Bool = false, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard let own = self.axes(axes) else { return noAxes(axes) }
      switch kind {
      case .l0: return (self .!= 0).cast(to: elementType).sum(axes: own, keepAxes: keepAxes)
      case .l1: return absolute().sum(axes: own, keepAxes: keepAxes)
      case .infinity: return absolute().max(axes: own, keepAxes: keepAxes)
      case .negativeInfinity: return absolute().min(axes: own, keepAxes: keepAxes)
      case .l2: return floats("norm") { $0.root($0.square(), own, keepAxes) { $0.sqrt() } }
      case .p(let p):
        guard p.isFinite, p != 0 else {
          return mistake("bad-attribute", "a norm has no exponent \(p); there are l0, infinity and negativeInfinity")
        }
        return floats("norm") { x in
          let powers = x.absolute().power(p)
          return p > 0
            ? x.root(powers, own, keepAxes) { $0.power(1 / p) }
            : powers.sum(axes: own, keepAxes: keepAxes).power(1 / p)
        }
      }
    }
  }

  /// The norm of all elements as one vector.
  public func norm(_ kind: VectorNorm = .l2) -> Tensor { norm(kind, axes: Array(0..<rank)) }

  /// Vectors along an axis divided by their norm, or by `epsilon` where that is greater, so that zeros stay zeros. Floats.
  public func normalised(
    by kind: VectorNorm = .l2, axis: Int = -1, epsilon: Double = 1e-12, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      floats("normalised") { x in
        x / .maximum(x.norm(kind, axes: [axis], keepAxes: true), x.like(epsilon))
      }
    }
  }

  /// The cosine of the angle between vectors along an axis: a · b / (max(|a|, epsilon) max(|b|, epsilon)); the other axes
  /// broadcast. Floats.
  public func cosineSimilarity(
    _ other: Tensor, axis: Int = -1, epsilon: Double = 1e-8, keepAxes: Bool = false, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard let own = self.axis(axis) else { return noAxis([axis]) }
      guard rank == other.rank else {
        return mistake("rank", "vectors to compare have one rank, not \(type) and \(other.type)")
      }
      return floats("cosineSimilarity") { a in
        let b = other.cast(to: a.elementType)
        let lengths = [a, b].map { Tensor.maximum($0.norm(axes: [own], keepAxes: keepAxes), a.like(epsilon)) }
        return (a * b).sum(axes: [own], keepAxes: keepAxes) / (lengths[0] * lengths[1])
      }
    }
  }

  /// The root of a sum, 0 with gradient 0 where the sum is 0: the slope of the root, which is infinite there, times the
  /// inner one, which is 0, would be NaN.
  private func root(_ terms: Tensor, _ axes: [Int], _ keepAxes: Bool, _ body: (Tensor) -> Tensor) -> Tensor {
    let sum = terms.sum(axes: axes, keepAxes: keepAxes)
    let isZero = sum .== 0
    return .select(isZero, like(0), body(.select(isZero, like(1), sum)))
  }
}
