/// A tensor in the application's memory: elements, their type and a shape. What a model takes and gives.
///
/// It is a value: copies share memory until one of them is written. An array made from elements owns memory aligned to
/// 64 bytes; one that borrows refers to memory of yours and copies nothing.
public struct HostArray: Sendable {
  /// The sizes, outermost first; empty for a scalar.
  public let shape: [Int]
  public let elementType: ElementType
  /// The steps between neighbours along each dimension, in elements; row-major unless the array is a view.
  public let strides: [Int]
  var buffer: HostBuffer
  /// Where the element with all indices zero lies in the buffer, in bytes.
  let offset: Int

  init(buffer: HostBuffer, offset: Int = 0, elementType: ElementType, shape: [Int], strides: [Int]? = nil) {
    self.buffer = buffer
    self.offset = offset
    self.elementType = elementType
    self.shape = shape
    self.strides = strides ?? Self.denseStrides(shape)
  }

  /// Copies elements, row-major.
  /// - Parameter shape: the sizes, whose product is `elements.count`; nil makes a vector.
  /// - Throws: `element-count` when shape and elements disagree.
  public init<Element: HostElement>(_ elements: [Element], shape: [Int]? = nil) throws(RuntimeError) {
    let shape = shape ?? [elements.count]
    let byteCount = elements.count * MemoryLayout<Element>.stride
    guard Element.elementType.byteCount(shape: shape) == byteCount else {
      throw RuntimeError(
        "element-count", "The shape \(shape) does not hold \(elements.count) elements: pass as many as its product.")
    }
    let buffer = try HostBuffer(byteCount: byteCount)
    elements.withUnsafeBytes { source in
      if let base = source.baseAddress { buffer.pointer.copyMemory(from: base, byteCount: byteCount) }
    }
    self.init(buffer: buffer, elementType: Element.elementType, shape: shape)
  }

  /// A scalar.
  public init<Element: HostElement>(scalar: Element) throws(RuntimeError) {
    try self.init([scalar], shape: [])
  }

  /// Zeros.
  /// - Throws: `shape` when a size is negative or the array is too large to address; `out-of-memory`.
  public init(zeros shape: [Int], _ elementType: ElementType) throws(RuntimeError) {
    let byteCount = try Self.checkedByteCount(shape, elementType)
    let buffer = try HostBuffer(byteCount: byteCount)
    buffer.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    self.init(buffer: buffer, elementType: elementType, shape: shape)
  }

  /// Copies dense bytes, row-major: for `bf16`, `i4`, `u4` and for data read from a file.
  /// - Throws: `element-count` when there are more or fewer bytes than the shape takes.
  public init(bytes: UnsafeRawBufferPointer, shape: [Int], _ elementType: ElementType) throws(RuntimeError) {
    let needed = try Self.checkedByteCount(shape, elementType)
    guard bytes.count == needed else {
      throw Self.wrongSize(elementType, shape, needed: needed, given: bytes.count)
    }
    let buffer = try HostBuffer(byteCount: needed)
    if let base = bytes.baseAddress { buffer.pointer.copyMemory(from: base, byteCount: needed) }
    self.init(buffer: buffer, elementType: elementType, shape: shape)
  }

  /// Refers to dense, row-major memory without copying. It must stay, unchanged during runs, for as long as any copy
  /// of this array or a context that took it; pass what owns the memory as `owner` to have it kept. It need not be
  /// aligned.
  /// - Throws: `element-count` when the memory is smaller than the shape takes.
  public init(
    borrowing memory: UnsafeRawBufferPointer, shape: [Int], _ elementType: ElementType,
    owner: (any AnyObject & Sendable)? = nil
  ) throws(RuntimeError) {
    try self.init(
      borrowed: UnsafeMutableRawBufferPointer(mutating: memory), shape, elementType, isWritable: false, owner)
  }

  /// Refers to memory that a donation may overwrite; otherwise as `init(borrowing:)` for constant memory.
  public init(
    borrowing memory: UnsafeMutableRawBufferPointer, shape: [Int], _ elementType: ElementType,
    owner: (any AnyObject & Sendable)? = nil
  ) throws(RuntimeError) {
    try self.init(borrowed: memory, shape, elementType, isWritable: true, owner)
  }

  private init(
    borrowed memory: UnsafeMutableRawBufferPointer, _ shape: [Int], _ elementType: ElementType, isWritable: Bool,
    _ owner: (any AnyObject & Sendable)?
  ) throws(RuntimeError) {
    let needed = try Self.checkedByteCount(shape, elementType)
    guard memory.count >= needed else {
      throw Self.wrongSize(elementType, shape, needed: needed, given: memory.count)
    }
    guard let base = memory.baseAddress else {
      // Without an address there are no elements either, so any memory will do.
      self.init(buffer: try HostBuffer(byteCount: 0), elementType: elementType, shape: shape)
      return
    }
    let buffer = HostBuffer(borrowing: base, byteCount: memory.count, isWritable: isWritable, owner: owner)
    self.init(buffer: buffer, elementType: elementType, shape: shape)
  }

  private static func wrongSize(
    _ elementType: ElementType, _ shape: [Int], needed: Int, given: Int
  ) -> RuntimeError {
    RuntimeError(
      "element-count", "\(elementType.description(shape: shape)) takes \(needed) bytes, but \(given) were given.")
  }

  static func checkedByteCount(_ shape: [Int], _ elementType: ElementType) throws(RuntimeError) -> Int {
    guard let byteCount = elementType.byteCount(shape: shape) else {
      throw RuntimeError("shape", "The shape \(shape) has a negative size, or is too large to address.")
    }
    return byteCount
  }
}
