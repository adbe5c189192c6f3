import TensorIR

/// Reads planes [b, c, height · width] between their elements, at places [b, p] that are data: what grid sampling and
/// deformable convolutions share. What lies outside is zero. Gradients flow to the planes and to the places.
struct PlaneSampler {
  let planes: Tensor
  let height: Dimension
  let width: Dimension

  private func value(_ dimension: Dimension, like x: Tensor) -> Tensor {
    planes.dimensionValue(dimension).cast(to: x.elementType)
  }

  /// The elements [b, c, p] at whole rows and columns [b, p], given as floats; zero outside.
  func elements(row: Tensor, column: Tensor) -> Tensor {
    let (zero, one) = (row.like(0), row.like(1))
    let (bottom, right) = (value(height, like: row) - one, value(width, like: row) - one)
    let inside = (row .>= zero) .& (row .<= bottom) .& ((column .>= zero) .& (column .<= right))
    // What is outside may be too large for an integer.
    let (y, x) = (Tensor.select(inside, row, zero), Tensor.select(inside, column, zero))
    let place = y.cast(to: .i64) * planes.dimensionValue(width) + x.cast(to: .i64)
    return planes.gatherPlanes(Tensor.select(inside, place, place.like(-1)))
  }

  /// Bilinear samples [b, c, p] at places [b, p].
  func linear(y: Tensor, x: Tensor) -> Tensor {
    let (top, left) = (y.floor(), x.floor())
    let (one, down, right) = (y.like(1), y - top, x - left)
    func corner(_ row: Tensor, _ column: Tensor, _ weight: Tensor) -> Tensor {
      elements(row: row, column: column) * weight.unsqueezed(axes: [1])
    }
    return corner(top, left, (one - down) * (one - right)) + corner(top, left + one, (one - down) * right)
      + corner(top + one, left, down * (one - right)) + corner(top + one, left + one, down * right)
  }
}
