import TensorIR

extension Tensor {
  /// Each step of an elimination is an operation of its own, hence not for large matrices.
  public static let largestDeterminant = 32

  /// The determinants of square matrices on the last two axes, [.., n, n] to [..] (NumPy `linalg.det`), by Gaussian elimination
  /// whose pivot is the greatest of its column. The extent must be known and at most ``largestDeterminant``; otherwise
  /// `bad-attribute`. The gradient is that of the elimination with the pivots chosen,
  /// so it is right for regular matrices only.
  public func determinant() -> Tensor {
    if isPoison { return self }
    guard rank >= 2, let size = shape.last?.constant, shape[rank - 2].constant == size,
      size <= Tensor.largestDeterminant
    else {
      return refusing(
        "bad-attribute",
        "'determinant' takes square matrices of known extent, at most \(Tensor.largestDeterminant), not \(type)")
    }
    return .composed { eliminated(size) }
  }

  private func eliminated(_ size: Int) -> Tensor {
    var rest = self
    let batch = Array(shape.dropLast(2))
    var result = full(1, batch)
    let axis = batch.count
    for count in stride(from: size, to: 0, by: -1) {
      let column = rest.sliced(axis: axis + 1, start: 0, size: 1)
      let chosen = column.absolute().argMax(axis: axis, keepAxes: true)
      let isChosen = rest.iota(.i64, column.shape, axis: axis) .== chosen
      // A row picked by a sum must not meet an infinity times 0.
      let row = Tensor.select(isChosen, rest, rest.like(0)).sum(axes: [axis], keepAxes: true)
      let pivot = row.sliced(axis: axis + 1, start: 0, size: 1)
      let stays = chosen.reshaped(to: batch) .== chosen.like(0)
      let value = pivot.reshaped(to: batch)
      result = result * Tensor.select(stays, value, -value)
      if count == 1 { break }
      // The first row takes the chosen one's place; then the first row and column go.
      let first = rest.sliced(axis: axis, start: 0, size: 1)
      let swapped = Tensor.select(isChosen, first, rest).sliced(axis: axis, start: 1, size: Dimension(count - 1))
      let lead = swapped.sliced(axis: axis + 1, start: 0, size: 1)
      // Where the pivot is 0 so is the column, and the determinant.
      let divisor = Tensor.select(pivot .== pivot.like(0), pivot.like(1), pivot)
      let width = Dimension(count - 1)
      let tail = row.sliced(axis: axis + 1, start: 1, size: width)
      rest = swapped.sliced(axis: axis + 1, start: 1, size: width) - lead / divisor * tail
    }
    return result
  }
}
