import Foundation

/// A constant tensor: element type, shape and dense row-major bytes, little-endian. Shared, never copied.
public final class TensorLiteral: Sendable, Hashable, CustomStringConvertible {
  public let elementType: ElementType
  public let shape: [Int]
  /// The elements, dense, in row-major order of the stored shape.
  public let bytes: Data
  private let hash: UInt64

  /// - Precondition: `bytes` holds exactly the elements of `shape`; the initialiser fails otherwise.
  public init?(_ elementType: ElementType, shape: [Int], bytes: Data) {
    guard let count = TensorLiteral.count(of: shape), bytes.count == elementType.byteCount(of: count) else { return nil }
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
    hash = TensorLiteral.fingerprint(bytes)
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

  /// `dense(f32, [2, 2], hex "…")`; numbers are written out for small ones so that goldens read well.
  public var description: String {
    let dimensions = "[\(shape.map(String.init).joined(separator: ", "))]"
    if count <= 16, let numbers = smallText() { return "dense(\(elementType), \(dimensions), [\(numbers)])" }
    if bytes.count <= 1024 {
      let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      return "dense(\(elementType), \(dimensions), hex \"\(hex)\")"
    }
    return "blob(\(elementType), \(dimensions), hash \"\(String(hash, radix: 16))\")"
  }

  private func smallText() -> String? {
    let indices = 0..<count
    switch elementType {
    case .f32: return indices.map { Attribute.text(of: element($0, as: Float.self)) }.joined(separator: ", ")
    case .f64: return indices.map { Attribute.text(of: element($0, as: Double.self)) }.joined(separator: ", ")
    case .i64: return indices.map { "\(element($0, as: Int64.self))" }.joined(separator: ", ")
    case .i32: return indices.map { "\(element($0, as: Int32.self))" }.joined(separator: ", ")
    case .u8, .bool: return indices.map { "\(element($0, as: UInt8.self))" }.joined(separator: ", ")
    case .i8: return indices.map { "\(element($0, as: Int8.self))" }.joined(separator: ", ")
    default: return nil
    }
  }

  /// The element at a flat index, read as `T`, whose size must be the element's.
  public func element<T>(_ index: Int, as type: T.Type) -> T {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.stride, as: T.self) }
  }
}

extension Attribute {
  static func text(of value: Float) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return "\(value)"
  }
}

extension TensorLiteral {
  /// A literal from numbers, converted to the element type; fails where the count does not match the shape.
  public static func numbers<T: BinaryFloatingPoint>(
    _ values: [T], _ elementType: ElementType = .f32, shape: [Int]? = nil
  ) -> TensorLiteral? {
    var data = Data()
    switch elementType {
    case .f32: for value in values { withUnsafeBytes(of: Float(value)) { data.append(contentsOf: $0) } }
    case .f64: for value in values { withUnsafeBytes(of: Double(value)) { data.append(contentsOf: $0) } }
    default: return nil
    }
    return TensorLiteral(elementType, shape: shape ?? [values.count], bytes: data)
  }

  /// A literal of i64 from integers.
  public static func integers(_ values: [Int], shape: [Int]? = nil) -> TensorLiteral? {
    var data = Data(capacity: values.count * 8)
    for value in values { withUnsafeBytes(of: Int64(value)) { data.append(contentsOf: $0) } }
    return TensorLiteral(.i64, shape: shape ?? [values.count], bytes: data)
  }
}
