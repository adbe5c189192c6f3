import TensorIR
import TensorOps

// Reductions over all axes give a scalar, of rank 0.
extension Tensor {
  private var everyAxis: [Int] { Array(0..<rank) }

  /// The sum of all elements; integers wrap.
  public func sum() -> Tensor { sum(axes: everyAxis) }
  /// The product of all elements; integers wrap.
  public func product() -> Tensor { product(axes: everyAxis) }
  /// The mean of all elements, which are floats.
  public func mean() -> Tensor { mean(axes: everyAxis) }
  /// The greatest element; NaN if there is one.
  public func max() -> Tensor { max(axes: everyAxis) }
  /// The least element; NaN if there is one.
  public func min() -> Tensor { min(axes: everyAxis) }
  /// Whether some element is not 0; NaN counts as not 0.
  public func any() -> Tensor { any(axes: everyAxis) }
  /// Whether no element is 0.
  public func all() -> Tensor { all(axes: everyAxis) }

  /// Whether some element is NaN.
  public func containsNaN() -> Tensor { isNaN().any() }

  /// The greatest element along an axis and its position, i64; of equal ones the first.
  public func maxWithIndices(axis: Int, keepAxes: Bool = false) -> (values: Tensor, indices: Tensor) {
    (max(axes: [axis], keepAxes: keepAxes), argMax(axis: axis, keepAxes: keepAxes))
  }

  /// The least element along an axis and its position, i64; of equal ones the first.
  public func minWithIndices(axis: Int, keepAxes: Bool = false) -> (values: Tensor, indices: Tensor) {
    (min(axes: [axis], keepAxes: keepAxes), argMin(axis: axis, keepAxes: keepAxes))
  }

  /// The softmax of the negated elements along an axis.
  public func softmin(axis: Int = -1) -> Tensor { .composed { (-self).softmax(axis: axis) } }
}
