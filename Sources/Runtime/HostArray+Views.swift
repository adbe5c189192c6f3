extension HostArray {
  /// Whether the elements lie row-major without gaps.
  public var isDense: Bool {
    if count == 0 { return true }
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  /// The part of the outermost dimension within `range`, sharing memory.
  /// - Throws: `view` when the array is a scalar, the range is outside it, or elements are smaller than a byte.
  public func rows(_ range: Range<Int>) throws(RuntimeError) -> HostArray {
    try checkViewable()
    guard let size = shape.first, range.lowerBound >= 0, range.upperBound <= size else {
      throw RuntimeError("view", "The rows \(range) are outside \(self).")
    }
    let skipped = range.lowerBound * strides[0] * elementType.bitCount / 8
    return HostArray(
      buffer: buffer, offset: offset + skipped, elementType: elementType, shape: [range.count] + shape.dropFirst(),
      strides: strides)
  }

  /// The elements at one index of a dimension, which disappears from the shape, sharing memory.
  /// - Throws: `view` when there is no such dimension or index, or elements are smaller than a byte.
  public func selecting(_ index: Int, ofDimension axis: Int) throws(RuntimeError) -> HostArray {
    try checkViewable()
    guard shape.indices.contains(axis), (0..<shape[axis]).contains(index) else {
      throw RuntimeError("view", "There is no index \(index) in dimension \(axis) of \(self).")
    }
    var (newShape, newStrides) = (shape, strides)
    newShape.remove(at: axis)
    let skipped = index * newStrides.remove(at: axis) * elementType.bitCount / 8
    return HostArray(
      buffer: buffer, offset: offset + skipped, elementType: elementType, shape: newShape, strides: newStrides)
  }

  /// The array with its dimensions in another order, sharing memory: dimension `i` of the result is `axes[i]` of this.
  /// - Throws: `view` when `axes` does not name each dimension once, or elements are smaller than a byte.
  public func transposed(_ axes: [Int]) throws(RuntimeError) -> HostArray {
    try checkViewable()
    guard axes.sorted() == [Int](shape.indices) else {
      throw RuntimeError("view", "The axes \(axes) do not name each dimension of \(self) once.")
    }
    return HostArray(
      buffer: buffer, offset: offset, elementType: elementType, shape: axes.map { shape[$0] },
      strides: axes.map { strides[$0] })
  }

  /// The same elements under another shape; shares memory unless this is a view that is not dense.
  /// - Throws: `element-count` when the shapes hold different numbers of elements.
  public func reshaped(_ newShape: [Int]) throws(RuntimeError) -> HostArray {
    let byteCount = try Self.checkedByteCount(newShape, elementType)
    guard byteCount == elementType.byteCount(shape: shape), Self.count(newShape) == count else {
      throw RuntimeError("element-count", "\(self) has \(count) elements, which do not fill the shape \(newShape).")
    }
    let dense = try densified()
    return HostArray(buffer: dense.buffer, offset: dense.offset, elementType: elementType, shape: newShape)
  }

  /// Row-major steps.
  static func denseStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] &* max(shape[axis + 1], 1)
    }
    return strides
  }

  /// This array where it is dense, otherwise a dense copy.
  func densified() throws(RuntimeError) -> HostArray { isDense ? self : try copied() }

  /// A dense copy in memory of its own.
  func copied() throws(RuntimeError) -> HostArray {
    let byteCount = try Self.checkedByteCount(shape, elementType)
    let copy = try HostBuffer(byteCount: byteCount)
    if isDense {
      copy.pointer.copyMemory(from: buffer.pointer + offset, byteCount: byteCount)
    } else {
      place(at: copy.pointer, strides: Self.denseStrides(shape))
    }
    return HostArray(buffer: copy, elementType: elementType, shape: shape)
  }

  func checkViewable() throws(RuntimeError) {
    guard elementType.bitCount >= 8 else {
      throw RuntimeError("view", "\(self) packs two elements to a byte, so it has no views: slice it in the model.")
    }
  }
}
