import TensorIR

/// Where the elements along an axis stand that ``Sort`` puts in order (NumPy `argsort` of kind `stable`).
public struct ArgSort: SortingOp, NotDifferentiable {
  public static let name = "arg_sort"
  public static let summary =
    "The positions, as i64, that put the elements along an axis in order; of equal ones the first comes first."
  public static let givesPositions = true
  public var axis: Int
  public var descending: Bool
  public init(axis: Int, descending: Bool = false) {
    self.axis = axis
    self.descending = descending
  }
}

extension Tensor {
  /// The positions, as i64, that put the elements along an axis in order; of equal elements the first comes first.
  public func argSort(axis: Int = -1, descending: Bool = false) -> Tensor {
    .one(ArgSort(axis: normalised(axis), descending: descending), self)
  }
}
