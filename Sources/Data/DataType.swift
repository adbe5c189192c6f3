/// The element types a tensor in a file or in memory can have.
///
/// Elements are little-endian. Every type but `i4` and `u4` takes whole bytes; those two are packed, two elements to a
/// byte, the first in the low four bits, over the flattened tensor, so the last byte of an odd count is half used.
public enum DataType: String, CaseIterable, Sendable, Hashable, Codable {
  case f64, f32, f16, bf16
  case i8, i16, i32, i64
  case u8, u16, u32, u64
  /// One byte, 0 or 1.
  case bool
  case i4, u4

  /// The size of one element in bits.
  public var bitWidth: Int {
    switch self {
    case .f64, .i64, .u64: return 64
    case .f32, .i32, .u32: return 32
    case .f16, .bf16, .i16, .u16: return 16
    case .i8, .u8, .bool: return 8
    case .i4, .u4: return 4
    }
  }

  /// The size in bytes of `count` elements standing together, or nil if it does not fit an `Int`.
  public func byteCount(elements count: Int) -> Int? {
    guard count >= 0 else { return nil }
    if bitWidth == 4 { return count / 2 + count % 2 }
    let (size, overflow) = count.multipliedReportingOverflow(by: bitWidth / 8)
    return overflow ? nil : size
  }
}
