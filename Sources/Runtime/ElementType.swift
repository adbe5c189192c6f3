extension HostArray {
  /// What an element is. Raw values are those of `tensorc_element_type`.
  public enum ElementType: Int32, Sendable, CaseIterable, CustomStringConvertible {
    case f64 = 1
    case f32, f16, bf16
    case i8, i16, i32, i64
    case u8, u16, u32, u64
    case bool
    /// Two elements to a byte, the earlier one in the lower half.
    case i4, u4

    /// The size of one element in bits.
    public var bitCount: Int {
      switch self {
      case .f64, .i64, .u64: 64
      case .f32, .i32, .u32: 32
      case .f16, .bf16, .i16, .u16: 16
      case .i8, .u8, .bool: 8
      case .i4, .u4: 4
      }
    }

    /// As written in types: `f32`.
    public var description: String {
      switch self {
      case .f64: "f64"
      case .f32: "f32"
      case .f16: "f16"
      case .bf16: "bf16"
      case .i8: "i8"
      case .i16: "i16"
      case .i32: "i32"
      case .i64: "i64"
      case .u8: "u8"
      case .u16: "u16"
      case .u32: "u32"
      case .u64: "u64"
      case .bool: "bool"
      case .i4: "i4"
      case .u4: "u4"
      }
    }

    /// The bytes that dense elements of this shape take; nil when a dimension is negative or the product overflows.
    func byteCount(shape: some Collection<Int>) -> Int? {
      guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
      // An empty tensor may have other dimensions of any size.
      if shape.contains(0) { return 0 }
      var bits = bitCount
      for dimension in shape {
        let (product, overflow) = bits.multipliedReportingOverflow(by: dimension)
        guard !overflow else { return nil }
        bits = product
      }
      return bits / 8 + (bits % 8 == 0 ? 0 : 1)
    }
  }
}

/// A Swift type that is stored just as the elements of a tensor are. `bf16`, `i4` and `u4` have none; their arrays are
/// made from bytes.
public protocol HostElement: BitwiseCopyable, Sendable {
  static var elementType: HostArray.ElementType { get }
}

extension Double: HostElement {
  public static var elementType: HostArray.ElementType { .f64 }
}
extension Float: HostElement {
  public static var elementType: HostArray.ElementType { .f32 }
}
#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
  extension Float16: HostElement {
    public static var elementType: HostArray.ElementType { .f16 }
  }
#endif
extension Int8: HostElement {
  public static var elementType: HostArray.ElementType { .i8 }
}
extension Int16: HostElement {
  public static var elementType: HostArray.ElementType { .i16 }
}
extension Int32: HostElement {
  public static var elementType: HostArray.ElementType { .i32 }
}
extension Int64: HostElement {
  public static var elementType: HostArray.ElementType { .i64 }
}
extension UInt8: HostElement {
  public static var elementType: HostArray.ElementType { .u8 }
}
extension UInt16: HostElement {
  public static var elementType: HostArray.ElementType { .u16 }
}
extension UInt32: HostElement {
  public static var elementType: HostArray.ElementType { .u32 }
}
extension UInt64: HostElement {
  public static var elementType: HostArray.ElementType { .u64 }
}
/// As wide as the processor's words, which have 64 bits wherever this library runs.
extension Int: HostElement {
  public static var elementType: HostArray.ElementType { .i64 }
}
extension UInt: HostElement {
  public static var elementType: HostArray.ElementType { .u64 }
}
extension Bool: HostElement {
  public static var elementType: HostArray.ElementType { .bool }
}
