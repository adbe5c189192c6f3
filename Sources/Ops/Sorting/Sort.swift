import TensorIR

/// The elements along an axis in order (NumPy `sort` of kind `stable`, PyTorch `sort`); the order is ``SortingOp``'s.
/// A NaN may come back with other bits than it had.
public struct Sort: SortingOp {
  public static let name = "sort"
  public static let summary =
    "The elements along an axis in order; NaN counts as the greatest, and equal elements keep their order."
  public static let givesPositions = false
  public var axis: Int
  public var descending: Bool
  public init(axis: Int, descending: Bool = false) {
    self.axis = axis
    self.descending = descending
  }

  /// A cotangent goes back to where its element came from.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let taken = TakenElements(operands[0], operands[0].argSort(axis: axis, descending: descending), axis: axis)
    return Differentiated([taken.values]) { [$0[0].map(taken.back)] }
  }
}

extension Tensor {
  /// The elements along an axis in order: NaN is the greatest, equal elements keep their order. A negative axis counts
  /// from the end.
  public func sorted(axis: Int = -1, descending: Bool = false) -> Tensor {
    .one(Sort(axis: normalised(axis), descending: descending), self)
  }

  /// The elements along an axis in order, and where each stood.
  public func sortedWithIndices(axis: Int = -1, descending: Bool = false) -> (values: Tensor, indices: Tensor) {
    let positions = argSort(axis: axis, descending: descending)
    return (TakenElements(self, positions, axis: axis).values, positions)
  }
}
