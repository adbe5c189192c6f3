import TensorIR

/// The bins of adaptive pooling along one axis: bin i of m over n elements holds those from ⌊i n / m⌋ to below
/// ⌈(i + 1) n / m⌉; neighbours may share an element.
struct AdaptiveBins {
  /// The bins of an axis are written down when the function is compiled.
  private static let greatest = 1 << 20

  let extent: Dimension
  let size: Int

  /// The elements of a bin, for the reference evaluation.
  static func range(_ bin: Int, of size: Int, over extent: Int) -> Range<Int> {
    bin * extent / size..<((bin + 1) * extent + size - 1) / size
  }

  /// The elements of the longest bin, or a few more where the extent is a symbol or very large.
  var taps: Dimension {
    guard let extent = extent.constant, extent <= AttributeDecoder.greatest else {
      return self.extent.ceilingDivided(by: Dimension(Swift.max(size, 1))) + 1
    }
    return Dimension((0..<size).map { AdaptiveBins.range($0, of: size, over: extent).count }.max() ?? 1)
  }

  /// The places [m, taps] of the bins' elements as i64; those behind a bin's end repeat its last element. And whether each
  /// is in the bin, and the bins' lengths [m, 1].
  func tables(beside x: Tensor) -> (places: Tensor, inside: Tensor, lengths: Tensor) {
    let bin = x.iota(.i64, [Dimension(size), 1], axis: 0)
    let (n, m, one) = (x.dimensionValue(extent), bin.like(Double(size)), bin.like(1))
    let start = bin * n / m
    let end = ((bin + one) * n + m - one) / m
    let place = start + x.iota(.i64, [1, taps], axis: 1)
    return (Tensor.minimum(place, end - one), place .< end, end - start)
  }

  /// The places in memory of the elements that are in the bins at `index` of the result, in row-major order, for the
  /// reference evaluation.
  static func places(_ index: [Int], _ sizes: [Int], in shape: [Int]) -> [Int] {
    let strides = ReferenceTensor.strides(shape)
    var places = [index[0] * strides[0] + index[1] * strides[1]]
    for (axis, size) in sizes.enumerated() {
      let bin = range(index[axis + 2], of: size, over: shape[axis + 2])
      places = places.flatMap { place in bin.map { place + $0 * strides[axis + 2] } }
    }
    return places
  }

  /// The type of the bins of an operand [n, c, spatial…], none of whose spatial axes may be empty, with a positive size for
  /// each.
  static func inferTypes(
    _ x: TensorType, _ sizes: [Int], _ name: String, _ context: inout InferenceContext
  ) throws -> [TensorType] {
    guard x.rank == sizes.count + 2, !sizes.isEmpty else {
      throw Diagnostic(
        "shape-mismatch", "'\(name)' to \(sizes.count) sizes takes rank \(sizes.count + 2) and was given \(x)")
    }
    guard sizes.allSatisfy({ $0 > 0 && $0 <= greatest }) else {
      throw Diagnostic("bad-attribute", "'\(name)' needs sizes from 1 to \(greatest) and was given \(sizes)")
    }
    for (axis, extent) in x.shape.enumerated().dropFirst(2) {
      try context.require(1, atMost: extent, "'\(name)' has nothing to put into bins on axis \(axis) of \(x)")
    }
    return [x.with(shape: x.shape[..<2] + sizes.map { Dimension($0) })]
  }
}
