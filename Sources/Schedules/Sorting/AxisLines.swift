import TensorIR
import TensorOps

/// The lines of elements along an axis of a tensor in row-major order.
struct AxisLines {
  let shape: [Dimension]
  let axis: Int

  init(_ shape: [Dimension], axis: Int) { (self.shape, self.axis) = (shape, axis) }

  /// How many elements a line has.
  var length: Dimension { shape[axis] }
  /// How far the elements of a line lie apart.
  var inner: Dimension { shape.suffix(from: axis + 1).reduce(1, *) }
  /// How many lines there are.
  var count: Dimension { shape.prefix(axis).reduce(1, *) * inner }

  /// Where a line lies, by its number.
  func place(_ line: Expression, _ builder: KernelBuilder) -> LinePlace {
    let length = builder.extent(length)
    if inner.constant == 1 { return .init(start: builder.declare("start", line * length), stride: 1) }
    let inner = builder.extent(inner)
    let start = line / inner * (length * inner) + line % inner
    return .init(start: builder.declare("start", start), stride: inner)
  }
}
