/// The type of one element of a tensor.
///
/// `f16` and `bf16` are storage: arithmetic on them is done in f32 unless a target has the instruction.
/// `i4` and `u4` are packed two to a byte, low nibble first.
public enum ElementType: String, CaseIterable, Codable, Hashable, Sendable, CustomStringConvertible {
  case f64, f32, f16, bf16
  case i8, i16, i32, i64
  case u8, u16, u32, u64
  case bool
  case i4, u4

  public var description: String { rawValue }

  /// The size of one element in bits; 4 for the packed types.
  public var bitWidth: Int {
    switch self {
    case .f64, .i64, .u64: 64
    case .f32, .i32, .u32: 32
    case .f16, .bf16, .i16, .u16: 16
    case .i8, .u8, .bool: 8
    case .i4, .u4: 4
    }
  }

  /// The bytes that `count` elements take when stored densely.
  public func byteCount(of count: Int) -> Int { (count * bitWidth + 7) / 8 }

  public var isFloat: Bool { self == .f64 || self == .f32 || self == .f16 || self == .bf16 }
  public var isInteger: Bool { !isFloat && self != .bool }
  public var isSigned: Bool {
    switch self {
    case .i4, .i8, .i16, .i32, .i64: true
    default: isFloat
    }
  }

  /// The type in which arithmetic on this one is done.
  public var computeType: ElementType {
    switch self {
    case .f16, .bf16: .f32
    case .i4: .i8
    case .u4: .u8
    default: self
    }
  }
}
