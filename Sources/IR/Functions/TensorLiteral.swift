import Foundation

/// A constant tensor: element type, shape and dense row-major bytes, little-endian. Shared, never copied.
public final class TensorLiteral: Sendable, Hashable {
  public let elementType: ElementType
  public let shape: [Int]
  /// The elements, dense, in row-major order of the stored shape.
  public let bytes: Data
  private let hash: UInt64

  /// Fails where `bytes` does not hold exactly the elements of `shape`.
  public convenience init?(_ elementType: ElementType, shape: [Int], bytes: Data) {
    guard TensorLiteral.isWhole(elementType, shape, byteCount: bytes.count) else { return nil }
    self.init(checked: elementType, shape: shape, bytes: bytes)
  }

  /// - Precondition: ``isWhole(_:_:byteCount:)``.
  init(checked elementType: ElementType, shape: [Int], bytes: Data) {
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
    hash = TensorLiteral.fingerprint(bytes)
  }

  /// Whether a tensor of this type and shape takes so many bytes.
  static func isWhole(_ elementType: ElementType, _ shape: [Int], byteCount: Int) -> Bool {
    guard let count = count(of: shape), count <= Int.max / 64 else { return false }
    return byteCount == elementType.byteCount(of: count)
  }

  /// The number of elements of a shape; nil on overflow or a negative extent.
  public static func count(of shape: [Int]) -> Int? {
    var total = 1
    for extent in shape {
      let (product, overflow) = total.multipliedReportingOverflow(by: extent)
      if overflow || extent < 0 { return nil }
      total = product
    }
    return total
  }

  public var count: Int { TensorLiteral.count(of: shape) ?? 0 }
  public var type: TensorType { TensorType(elementType, shape.map { Dimension($0) }) }
  /// A hash of the bytes that is the same in every process, so it may appear in text and file names.
  public var fingerprint: UInt64 { hash }

  public static func == (left: TensorLiteral, right: TensorLiteral) -> Bool {
    left === right
      || left.hash == right.hash && left.elementType == right.elementType && left.shape == right.shape
        && left.bytes == right.bytes
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(hash)
    hasher.combine(shape)
  }

  /// FNV-1a over 8-byte words, which keeps large weights cheap to name.
  static func fingerprint(_ bytes: Data) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    bytes.withUnsafeBytes { raw in
      var offset = 0
      while offset + 8 <= raw.count {
        hash = (hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x0000_0100_0000_01b3
        hash ^= hash >> 29
        offset += 8
      }
      while offset < raw.count {
        hash = (hash ^ UInt64(raw[offset])) &* 0x0000_0100_0000_01b3
        offset += 1
      }
    }
    return hash
  }

  /// The element at a flat index, read as `T`, whose size must be the element's.
  public func element<T>(_ index: Int, as type: T.Type) -> T {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.stride, as: T.self) }
  }

  /// All that the bytes hold, read as `T`, each made another value: weights have millions, too many to open the bytes for each.
  @inlinable public func elements<T: BitwiseCopyable, Value>(as type: T.Type, _ value: (T) -> Value) -> [Value] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<T>.stride).map { index in
        value(raw.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.stride, as: T.self))
      }
    }
  }

  /// The bytes of what values become.
  @inlinable public static func bytes<Value, T: BitwiseCopyable>(_ values: [Value], _ element: (Value) -> T) -> Data {
    values.map(element).withUnsafeBytes { Data($0) }
  }
}

extension TensorLiteral {
  /// A literal from numbers, converted to the element type; fails where the count does not match the shape.
  public static func numbers<T: BinaryFloatingPoint>(
    _ values: [T], _ elementType: ElementType = .f32, shape: [Int]? = nil
  ) -> TensorLiteral? {
    let data: Data
    switch elementType {
    case .f32: data = bytes(values) { Float($0) }
    case .f64: data = bytes(values) { Double($0) }
    default: return nil
    }
    return TensorLiteral(elementType, shape: shape ?? [values.count], bytes: data)
  }

  /// A literal of i64 from integers.
  public static func integers(_ values: [Int], shape: [Int]? = nil) -> TensorLiteral? {
    TensorLiteral(.i64, shape: shape ?? [values.count], bytes: bytes(values) { Int64($0) })
  }
}
