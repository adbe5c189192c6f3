import TensorIR

// Compositions around the diagonals of the last two axes. Diagonal 0 begins at the first element, a positive offset moves it
// to the right, a negative one down.
extension Tensor {
  /// The elements on and above a diagonal of the last two axes, zeros below (NumPy `triu`).
  public func triu(offset: Int = 0) -> Tensor { triangle("triu") { $0.triuMask($1, offset: offset) } }

  /// The elements on and below a diagonal of the last two axes, zeros above (NumPy `tril`).
  public func tril(offset: Int = 0) -> Tensor { triangle("tril") { $0.trilMask($1, offset: offset) } }

  private func triangle(_ method: String, _ mask: (Tensor, [Dimension]) -> Tensor) -> Tensor {
    guard rank >= 2 else { return refusing("bad-attribute", "'\(method)' takes matrices, not \(type)") }
    return .select(mask(self, shape.suffix(2)), like(0), self)
  }

  /// A bool matrix of a shape, recorded beside this tensor: true below a diagonal, which ``triu(offset:)`` makes zero.
  public func triuMask(_ shape: [Dimension], offset: Int = 0) -> Tensor {
    let distance = distanceFromDiagonal(shape)
    return distance .< distance.like(Double(offset))
  }

  /// A bool matrix of a shape, recorded beside this tensor: true above a diagonal, which ``tril(offset:)`` makes zero.
  public func trilMask(_ shape: [Dimension], offset: Int = 0) -> Tensor {
    let distance = distanceFromDiagonal(shape)
    return distance .> distance.like(Double(offset))
  }

  /// A bool matrix of a shape, recorded beside this tensor: true everywhere but on a diagonal.
  public func diagonalMask(_ shape: [Dimension], offset: Int = 0) -> Tensor {
    let distance = distanceFromDiagonal(shape)
    return distance .!= distance.like(Double(offset))
  }

  /// Ones on a diagonal of a matrix and zeros elsewhere, recorded beside this tensor (NumPy `eye`).
  public func eye(_ rows: Dimension, _ columns: Dimension? = nil, offset: Int = 0, _ type: ElementType) -> Tensor {
    let distance = distanceFromDiagonal([rows, columns ?? rows])
    return (distance .== distance.like(Double(offset))).cast(to: type)
  }

  /// Column minus row. As wide as this tensor's elements where that has room, so that they share vectors.
  private func distanceFromDiagonal(_ shape: [Dimension]) -> Tensor {
    let matrix = Array(shape.suffix(2))
    let isNarrow = elementType.bitWidth <= 32 && matrix.allSatisfy { ($0.constant ?? .max) <= Int(Int32.max) }
    let type: ElementType = isNarrow ? .i32 : .i64
    return iota(type, matrix, axis: 1) - iota(type, matrix, axis: 0)
  }

  /// The elements on a diagonal of two axes, which come last in the result as one (NumPy `diagonal`, but of the last two axes
  /// unless told).
  public func diagonal(offset: Int = 0, axes: (Int, Int) = (-2, -1)) -> Tensor {
    let (first, second) = (normalised(axes.0), normalised(axes.1))
    guard first != second, shape.indices.contains(first), shape.indices.contains(second) else {
      return refusing("bad-attribute", "'diagonal' was given axes \(axes.0) and \(axes.1) of \(type)")
    }
    let others = shape.indices.filter { $0 != first && $0 != second }
    let (rows, columns) = (shape[first], shape[second])
    let flat = transposed(others + [first, second]).reshaped(to: others.map { shape[$0] } + [rows * columns])
    let (top, left) = (Dimension(Swift.max(-offset, 0)), Dimension(Swift.max(offset, 0)))
    let size = Dimension.maximum(0, .minimum(rows - top, columns - left))
    let start = top * columns + left
    if let width = columns.constant, rows.constant != nil {
      let starts = others.map { _ in Dimension(0) } + [size == 0 ? 0 : start]
      return flat.sliced(
        starts: starts, sizes: others.map { shape[$0] } + [size], steps: others.map { _ in 1 } + [width + 1])
    }
    let places = iota(.i64, [size], axis: 0) * dimensionValue(columns + 1) + dimensionValue(start)
    return flat.gather(places, axis: others.count)
  }

  /// The sum of the elements on a diagonal of the last two axes.
  public func trace(offset: Int = 0) -> Tensor {
    .composed { diagonal(offset: offset).sum(axes: [-1]) }
  }

  /// Square matrices with the last axis on a diagonal and zeros elsewhere.
  public func diagonalMatrix(offset: Int = 0) -> Tensor {
    guard let last = shape.last else { return refusing("bad-attribute", "'diagonalMatrix' takes vectors, not \(type)") }
    let size = last + Dimension(abs(offset))
    let none = shape.map { _ in Dimension(0) }
    let wide = padded(before: none, after: none.dropLast() + [size - last])
    return .select(diagonalMask([size, size], offset: offset), like(0), wide.unsqueezed(axes: [offset < 0 ? -2 : -1]))
  }
}
