import TensorIR
import TensorOps

extension OnnxOperators {
  static let determinants: [String: Converter] = ["Det": one(determinant)]

  /// Each step of the elimination is an operation of its own, hence not for large matrices.
  private static let largest = 32

  /// The determinant of the last two axes by Gaussian elimination; the pivot is the greatest of its column.
  private static func determinant(_ node: NodeConversion) throws -> Tensor {
    var rest = try node.tensor(0)
    guard rest.rank >= 2, let size = rest.shape.last?.constant, rest.shape[rest.rank - 2].constant == size,
      size <= largest
    else { throw OnnxError("onnx-det", "it takes square matrices of known extent, at most \(largest)") }
    let batch = Array(rest.shape.dropLast(2))
    var result = try node.add(Full(1, rest.elementType, batch))
    let axis = batch.count
    for count in stride(from: size, to: 0, by: -1) {
      let column = rest.sliced(axis: axis + 1, start: 0, size: 1)
      let chosen = column.absolute().argMax(axis: axis, keepAxes: true)
      let isChosen = rest.iota(.i64, column.shape, axis: axis) .== chosen
      // A row picked by a sum must not meet an infinity times 0.
      let row = Tensor.select(isChosen, rest, rest.like(0)).sum(axes: [axis], keepAxes: true)
      let pivot = row.sliced(axis: axis + 1, start: 0, size: 1)
      let stays = try node.reshape(chosen, batch) .== chosen.like(0)
      let value = try node.reshape(pivot, batch)
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
