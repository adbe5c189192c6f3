import TensorIR

extension ReferenceTensor {
  /// The lines of a shape along an axis, in row-major order of the other axes; each is its elements' flat positions.
  struct Lines: Sequence, IteratorProtocol {
    private let extent: Int
    private let inner: Int
    private let count: Int
    private var line = 0

    init(_ shape: [Int], axis: Int) {
      extent = shape[axis]
      inner = shape.suffix(from: axis + 1).reduce(1, *)
      count = shape.prefix(axis).reduce(1, *) * inner
    }

    mutating func next() -> [Int]? {
      guard line < count else { return nil }
      let start = line / inner * extent * inner + line % inner
      line += 1
      return (0..<extent).map { start + $0 * inner }
    }
  }
}
