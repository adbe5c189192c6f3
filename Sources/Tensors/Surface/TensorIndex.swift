import TensorIR
import TensorOps

/// What stands between the brackets of `x[0..<3, .all, -1]`: for an axis a position, a range or a tensor of indices;
/// `.newAxis` puts an axis in; `.ellipsis`, also written `...`, stands for all axes that are not named.
///
/// Negative positions count from the end, and ranges are cut to the axis, as in NumPy. Swift refuses a range whose end is
/// before its start, so one that ends at a negative position is written `..<(-1)` or `.stride(from: 2, to: -1)`.
public protocol TensorIndex {
  var selection: AxisSelection { get }
}

/// What a ``TensorIndex`` selects.
public enum AxisSelection: TensorIndex {
  /// One position; the axis goes.
  case position(Int)
  /// Every step-th position from the first to before the end; nil is the end that the step comes from or goes to.
  case span(first: Int?, end: Int?, step: Int)
  /// The positions that a tensor of integers names, whose axes take the axis' place; or those where a bool tensor, which
  /// covers as many axes as it has, is true.
  case tensor(Tensor)
  /// A new axis of extent 1, which is none of the tensor's.
  case insertedAxis
  /// All axes that are not named.
  case remainingAxes

  public var selection: AxisSelection { self }
}

extension TensorIndex where Self == AxisSelection {
  /// A new axis of extent 1.
  public static var newAxis: AxisSelection { .insertedAxis }
  /// All axes that are not named.
  public static var ellipsis: AxisSelection { .remainingAxes }
  /// The whole axis.
  public static var all: AxisSelection { .span(first: nil, end: nil, step: 1) }
  /// Every `step`-th position from `from` to before `to`; a negative step goes backwards.
  public static func stride(from: Int? = nil, to: Int? = nil, by step: Int = 1) -> AxisSelection {
    .span(first: from, end: to, step: step)
  }
}

extension Int: TensorIndex {
  public var selection: AxisSelection { .position(self) }
}

extension Range: TensorIndex where Bound == Int {
  public var selection: AxisSelection { .span(first: lowerBound, end: upperBound, step: 1) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  public var selection: AxisSelection { .span(first: lowerBound, end: upperBound + 1, step: 1) }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  public var selection: AxisSelection { .span(first: lowerBound, end: nil, step: 1) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  public var selection: AxisSelection { .span(first: nil, end: upperBound, step: 1) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  public var selection: AxisSelection { .span(first: nil, end: upperBound == -1 ? nil : upperBound + 1, step: 1) }
}

extension Tensor: TensorIndex {
  public var selection: AxisSelection { .tensor(self) }
}
