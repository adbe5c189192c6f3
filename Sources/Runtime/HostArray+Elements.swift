extension HostArray {
  /// The number of elements.
  public var count: Int { Self.count(shape) }

  /// A size of 0 comes first, because the others may then be of any size.
  static func count(_ shape: [Int]) -> Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

  /// The elements in row-major order, copied.
  /// - Throws: `element-type` when the array holds another type.
  public func elements<Element: HostElement>(as type: Element.Type = Element.self) throws(RuntimeError) -> [Element] {
    try check(type)
    let dense = try densified()
    let byteCount = count * MemoryLayout<Element>.stride
    return withExtendedLifetime(dense.buffer) {
      // As bytes, for borrowed memory may have any alignment.
      Array(unsafeUninitializedCapacity: count) { elements, initialized in
        UnsafeMutableRawBufferPointer(elements).baseAddress?.copyMemory(
          from: dense.buffer.pointer + dense.offset, byteCount: byteCount)
        initialized = count
      }
    }
  }

  /// The only element of a scalar, or of any array that has one element.
  /// - Throws: `element-type`; `element-count` when there is not exactly one.
  public func scalar<Element: HostElement>(as type: Element.Type = Element.self) throws(RuntimeError) -> Element {
    guard count == 1 else {
      throw RuntimeError("element-count", "The array \(self) has \(count) elements where one was expected.")
    }
    try check(type)
    return (buffer.pointer + offset).loadUnaligned(as: type)
  }

  /// Lends the dense bytes, row-major, for the duration of `body`. A view that is not dense is copied first.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let dense = try densified()
    let byteCount = try Self.checkedByteCount(shape, elementType)
    let bytes = UnsafeRawBufferPointer(start: dense.buffer.pointer + dense.offset, count: byteCount)
    return try withExtendedLifetime(dense.buffer) { try body(bytes) }
  }

  /// Lends the dense elements, row-major, for writing. Memory that other arrays share, or that may not be written, is
  /// copied first, as is a view that is not dense.
  /// - Throws: `element-type` when the array holds another type; what `body` throws.
  public mutating func withUnsafeMutableElements<Element: HostElement, Result>(
    of type: Element.Type = Element.self, _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    try check(type)
    let isInPlace = isKnownUniquelyReferenced(&buffer) && buffer.isWritable && isDense
    if !isInPlace || Int(bitPattern: buffer.pointer + offset) % MemoryLayout<Element>.alignment != 0 {
      self = try copied()
    }
    let elements = (buffer.pointer + offset).assumingMemoryBound(to: Element.self)
    let result = try body(UnsafeMutableBufferPointer(start: elements, count: count))
    // The memory must not be freed while body holds the pointer.
    withExtendedLifetime(buffer) {}
    return result
  }

  private func check<Element: HostElement>(_ type: Element.Type) throws(RuntimeError) {
    guard Element.elementType == elementType else {
      throw RuntimeError(
        "element-type", "The array \(self) does not hold \(Element.elementType): ask for \(elementType) elements.")
    }
  }
}

extension HostArray: CustomStringConvertible {
  /// The type: `f32[2, 784]`.
  public var description: String { elementType.description(shape: shape) }
}

extension HostArray.ElementType {
  /// The type of an array: `f32[2, 784]`.
  func description(shape: [Int]) -> String { "\(self)[\(shape.map(String.init).joined(separator: ", "))]" }
}
