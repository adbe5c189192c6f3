// What only moves elements: parts and repetitions that share memory, and arrays put together of others.
extension HostArray {
  /// On each dimension `sizes` elements, the first at `starts`, `steps` apart and backwards where a step is negative,
  /// sharing memory.
  /// - Throws: `view` when a number is missing, an element is not there, or elements are smaller than a byte.
  public func sliced(starts: [Int], sizes: [Int], steps: [Int]) throws(RuntimeError) -> HostArray {
    try checkViewable()
    try checkPart(starts, sizes, steps)
    let isEmpty = sizes.contains(0)
    let skipped = isEmpty ? 0 : zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    return HostArray(
      buffer: buffer, offset: offset + skipped * elementType.bitCount / 8, elementType: elementType, shape: sizes,
      strides: zip(strides, steps).map { $0 &* $1 })
  }

  /// Dimensions of size 1 repeated, and dimensions added in front, to reach a shape, sharing memory.
  /// - Throws: `view` when the shape cannot be reached so, or elements are smaller than a byte; `shape` when it is too
  ///   large to address.
  public func broadcast(to newShape: [Int]) throws(RuntimeError) -> HostArray {
    try checkViewable()
    _ = try Self.checkedByteCount(newShape, elementType)
    let added = newShape.count - shape.count
    guard added >= 0, zip(shape, newShape.dropFirst(added)).allSatisfy({ $0 == $1 || $0 == 1 }) else {
      throw RuntimeError("view", "\(self) does not broadcast to \(newShape).")
    }
    let own = shape.indices.map { shape[$0] == newShape[$0 + added] ? strides[$0] : 0 }
    return HostArray(
      buffer: buffer, offset: offset, elementType: elementType, shape: newShape,
      strides: [Int](repeating: 0, count: added) + own)
  }

  /// Arrays one after another along a dimension, in new memory.
  /// - Throws: `view` when there is none, their types or other sizes differ, or elements are smaller than a byte.
  public static func concatenated(_ arrays: [HostArray], axis: Int) throws(RuntimeError) -> HostArray {
    guard let first = arrays.first, first.shape.indices.contains(axis) else {
      throw RuntimeError("view", "There is nothing to put together along dimension \(axis).")
    }
    var shape = first.shape
    shape[axis] = 0
    for array in arrays {
      try array.checkViewable()
      var other = array.shape
      guard other.indices.contains(axis), array.elementType == first.elementType else { throw misfit(first, array) }
      shape[axis] += other[axis]
      other[axis] = first.shape[axis]
      guard other == first.shape else { throw misfit(first, array) }
    }
    let buffer = try HostBuffer(byteCount: try checkedByteCount(shape, first.elementType))
    let steps = denseStrides(shape)
    var position = 0
    for array in arrays {
      array.place(at: buffer.pointer + position * steps[axis] * first.elementType.bitCount / 8, strides: steps)
      position += array.shape[axis]
    }
    return HostArray(buffer: buffer, elementType: first.elementType, shape: shape)
  }

  private static func misfit(_ first: HostArray, _ other: HostArray) -> RuntimeError {
    RuntimeError("view", "\(other) cannot be put after \(first): type and other sizes must agree.")
  }

  /// A copy of this array with values where ``sliced(starts:sizes:steps:)`` would take elements.
  /// - Throws: as that; `view` when the values are of another type.
  public func replacing(starts: [Int], steps: [Int], with values: HostArray) throws(RuntimeError) -> HostArray {
    try checkViewable()
    try checkPart(starts, values.shape, steps)
    guard values.elementType == elementType else { throw Self.misfit(self, values) }
    let copy = try copied()
    let own = Self.denseStrides(shape)
    let first = values.count == 0 ? 0 : zip(starts, own).reduce(0) { $0 + $1.0 * $1.1 }
    values.place(
      at: copy.buffer.pointer + first * elementType.bitCount / 8, strides: zip(own, steps).map { $0 &* $1 })
    return copy
  }

  private func checkPart(_ starts: [Int], _ sizes: [Int], _ steps: [Int]) throws(RuntimeError) {
    let rank = shape.count
    guard starts.count == rank, sizes.count == rank, steps.count == rank, sizes.allSatisfy({ $0 >= 0 }) else {
      throw RuntimeError("view", "A part of \(self) has a start, a size and a step for each dimension.")
    }
    if sizes.contains(0) { return }
    for axis in shape.indices {
      let (distance, overflow) = (sizes[axis] - 1).multipliedReportingOverflow(by: steps[axis])
      let (last, isBeyond) = starts[axis].addingReportingOverflow(distance)
      let range = 0..<shape[axis]
      guard !overflow, !isBeyond, range.contains(starts[axis]), range.contains(last) else {
        throw RuntimeError(
          "view", "The elements \(starts[axis]) to \(last) are not all in dimension \(axis) of \(self).")
      }
    }
  }

  /// Copies the elements to memory in which the dimensions have other steps, counting through the indices as an
  /// odometer does. What is contiguous in both is copied at once.
  func place(at destination: UnsafeMutableRawPointer, strides target: [Int]) {
    if count == 0 { return }
    let size = elementType.bitCount / 8
    var run = 1
    var outer = shape.count
    while outer > 0, shape[outer - 1] == 1 || (strides[outer - 1] == run && target[outer - 1] == run) {
      run *= shape[outer - 1]
      outer -= 1
    }
    // Where nothing is contiguous the innermost dimension is a loop of its own.
    let isLine = run == 1 && outer > 0
    let walked = isLine ? outer - 1 : outer
    var index = [Int](repeating: 0, count: walked)
    var (from, to) = (0, 0)
    let source = buffer.pointer + offset
    withExtendedLifetime(buffer) {
      while true {
        if isLine {
          let steps = (from: strides[walked] * size, to: target[walked] * size)
          Self.copyLine(source + from * size, destination + to * size, shape[walked], steps, size)
        } else {
          (destination + to * size).copyMemory(from: source + from * size, byteCount: run * size)
        }
        var axis = walked - 1
        while axis >= 0 {
          index[axis] += 1
          from += strides[axis]
          to += target[axis]
          if index[axis] < shape[axis] { break }
          from -= strides[axis] * shape[axis]
          to -= target[axis] * shape[axis]
          index[axis] = 0
          axis -= 1
        }
        if axis < 0 { return }
      }
    }
  }

  /// Copies elements that lie some bytes apart.
  private static func copyLine(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int, _ steps: (from: Int, to: Int),
    _ size: Int
  ) {
    func copy<Word: BitwiseCopyable>(as type: Word.Type) {
      for place in 0..<count {
        let word = (source + place * steps.from).loadUnaligned(as: type)
        (destination + place * steps.to).storeBytes(of: word, as: type)
      }
    }
    switch size {
    case 1: copy(as: UInt8.self)
    case 2: copy(as: UInt16.self)
    case 4: copy(as: UInt32.self)
    default: copy(as: UInt64.self)
    }
  }
}
