import TensorIR
import TensorOps

// Statistics along axes, of floats; 16-bit floats are summed in f32. Axes may count from the end. An axis that is not there,
// or is named twice, gives `bad-axis`, another element type `element-type`.
extension Tensor {
  /// The variance over axes: Σ (x - mean)² / max(n - correction, 0) for n elements (NumPy `var`, whose `ddof` the correction
  /// is). With correction 1 it is the unbiased estimate; NaN where nothing is left to divide by.
  ///
  /// - Parameters:
  ///   - correction: what the count is lessened by.
  ///   - keepAxes: whether the axes stay, with extent 1.
  ///   - mean: what to use in place of the mean; it broadcasts to this tensor, and the gradient flows to it too.
  public func variance(
    axes: [Int], correction: Int = 0, keepAxes: Bool = false, around mean: Tensor = .absent, file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard let own = self.axes(axes) else { return noAxes(axes) }
      return floats("variance") { x in
        let center = mean.isAbsent ? x.mean(axes: own, keepAxes: true) : mean.cast(to: x.elementType)
        let count = own.map { shape[$0] }.reduce(1, *)
        return (x - center).square().sum(axes: own, keepAxes: keepAxes)
          / x.number(.maximum(count - Dimension(correction), 0))
      }
    }
  }

  /// The variance of all elements; see ``variance(axes:correction:keepAxes:around:file:line:column:)``.
  public func variance(correction: Int = 0) -> Tensor { variance(axes: Array(0..<rank), correction: correction) }

  /// The standard deviation over axes: the root of the variance (NumPy `std`). Its gradient is NaN where the variance is 0.
  public func standardDeviation(
    axes: [Int], correction: Int = 0, keepAxes: Bool = false, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      floats("standardDeviation") { $0.variance(axes: axes, correction: correction, keepAxes: keepAxes).sqrt() }
    }
  }

  /// The standard deviation of all elements.
  public func standardDeviation(correction: Int = 0) -> Tensor {
    standardDeviation(axes: Array(0..<rank), correction: correction)
  }

  /// The median along an axis: of n elements in order the one at (n - 1) / 2, so of an even number the lower of the two in
  /// the middle (PyTorch's and Burn's `median`; NumPy's is their mean). NaN counts as the greatest element. Numbers of any
  /// type; an axis of extent 0 gives `empty-axis`.
  public func median(
    axis: Int = -1, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    medianWithIndices(axis: axis, keepAxes: keepAxes, file: file, line: line, column: column).values
  }

  /// The median along an axis and where it stands, as i64; of equal elements the first comes first.
  public func medianWithIndices(
    axis: Int = -1, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> (values: Tensor, indices: Tensor) {
    Tensor.placed([self], file, line, column) {
      guard let own = self.axis(axis) else { return (noAxis([axis]), noAxis([axis])) }
      guard shape[own] != 0 else {
        let wrong = mistake("empty-axis", "there is no median of axis \(axis) of \(type)")
        return (wrong, wrong)
      }
      let (values, indices) = sortedWithIndices(axis: own)
      let middle = (shape[own] - 1).floorDivided(by: 2)
      func picked(_ x: Tensor) -> Tensor {
        let line = x.sliced(axis: own, start: middle, size: 1)
        return keepAxes ? line : line.squeezed(axes: [own])
      }
      return (picked(values), picked(indices))
    }
  }

  /// The covariances of variables: of observations and variables on the last two axes the square matrix with
  /// Σ (a - mean a) (b - mean b) / max(n - correction, 0) for each two variables a and b over n observations (NumPy `cov`, whose
  /// variables are rows). Axes in front are batches. Fewer than two axes give `rank`.
  ///
  /// - Parameters:
  ///   - axis: which of the last two axes the observations are on.
  ///   - correction: what the count is lessened by.
  public func covariance(
    axis: Int = -1, correction: Int = 1, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      guard let own = self.axis(axis), rank >= 2, own >= rank - 2 else {
        return mistake("rank", "observations are on one of the last two axes, not on axis \(axis) of \(type)")
      }
      return floats("covariance") { x in
        let rows = own == rank - 1 ? x : x.transposed()
        let centred = rows - rows.mean(axes: [rank - 1], keepAxes: true)
        let count = Dimension.maximum(shape[own] - Dimension(correction), 0)
        return centred.matmul(centred.transposed()) / x.number(count)
      }
    }
  }

  /// The correlations of variables, from -1 to 1: their covariances divided by both standard deviations (NumPy `corrcoef`).
  /// NaN for a variable that does not vary.
  public func correlation(
    axis: Int = -1, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    placed(file, line, column) {
      floats("correlation") { x in
        let matrix = x.covariance(axis: axis, correction: 0)
        guard matrix.rank >= 2 else { return matrix }
        let deviations = matrix.diagonal().sqrt()
        return matrix / deviations.unsqueezed(axes: [-1]) / deviations.unsqueezed(axes: [-2])
      }
    }
  }

  /// What a body makes of this tensor's floats; a mistake for other elements.
  func floats(_ name: String, _ body: (Tensor) -> Tensor) -> Tensor {
    if isPoison { return self }
    guard elementType.isFloat else {
      return mistake("element-type", "'\(name)' does not take \(elementType); cast the operand to a float")
    }
    return body(self)
  }
}
