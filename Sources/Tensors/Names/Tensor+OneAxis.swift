import TensorIR
import TensorOps

// Reductions along one axis: what `axes: [axis]` gives. An axis may count from the end; one that is not there gives an error when the
// result is used.
extension Tensor {
  /// The sum along an axis; integers wrap.
  public func sum(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { sum(axes: [axis], keepAxes: keepAxes) } }

  /// The product along an axis; integers wrap.
  public func product(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { product(axes: [axis], keepAxes: keepAxes) } }

  /// The mean along an axis.
  public func mean(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { mean(axes: [axis], keepAxes: keepAxes) } }

  /// The greatest element along an axis; NaN if there is one.
  public func max(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { max(axes: [axis], keepAxes: keepAxes) } }

  /// The least element along an axis; NaN if there is one.
  public func min(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { min(axes: [axis], keepAxes: keepAxes) } }

  /// Whether some element along an axis is not 0.
  public func any(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { any(axes: [axis], keepAxes: keepAxes) } }

  /// Whether no element along an axis is 0.
  public func all(
    axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { all(axes: [axis], keepAxes: keepAxes) } }

  /// The variance along an axis; see ``variance(axes:correction:keepAxes:around:file:line:column:)``.
  public func variance(
    axis: Int, correction: Int = 0, keepAxes: Bool = false, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    variance(axes: [axis], correction: correction, keepAxes: keepAxes, file: file, line: line, column: column)
  }

  /// The standard deviation along an axis: the root of the variance.
  public func standardDeviation(
    axis: Int, correction: Int = 0, keepAxes: Bool = false, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor {
    standardDeviation(axes: [axis], correction: correction, keepAxes: keepAxes, file: file, line: line, column: column)
  }

  /// The norm of the vectors along an axis; see ``norm(_:axes:keepAxes:)``.
  public func norm(
    _ kind: VectorNorm = .l2, axis: Int, keepAxes: Bool = false, file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) -> Tensor { placed(file, line, column) { norm(kind, axes: [axis], keepAxes: keepAxes) } }

  /// The elements along an axis in the opposite order.
  public func reversed(
    axis: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { placed(file, line, column) { reversed(axes: [axis]) } }
}
