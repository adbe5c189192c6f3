import TensorIR

/// How types of the loop IR are spelled in C for one target.
struct CTypes {
  let vectorBytes: Int

  /// The type of a variable or expression.
  func name(_ type: LoopType) -> String {
    if let suffix = vectorSuffix(type) { return "tc_\(suffix)" }
    return CTypes.scalar(type.element)
  }

  /// The end of the prelude's names for a type: `f32`, `i32v`. Narrow integers and masks live in lanes of 32 bits, or of
  /// 64 where they accompany 64-bit elements.
  func suffix(_ type: LoopType) -> String { vectorSuffix(type) ?? CTypes.scalarSuffix(type.element) }

  /// Whether the number of lanes is one that a vector of this element type can have.
  func isValid(_ type: LoopType) -> Bool {
    if type.lanes == 1 { return true }
    switch type.element {
    case .f64, .i64, .u64: return type.lanes * 8 == vectorBytes
    case .f32, .f16, .bf16, .i32, .u32: return type.lanes * 4 == vectorBytes
    default: return type.lanes * 4 == vectorBytes || type.lanes * 8 == vectorBytes
    }
  }

  private func vectorSuffix(_ type: LoopType) -> String? {
    if type.lanes == 1 { return nil }
    switch type.element {
    case .f64, .i64, .u64, .u32, .f32, .i32: return "\(type.element.rawValue)v"
    case .f16, .bf16: return "f32v"
    case .bool, .i8, .u8, .i16, .u16, .i4, .u4: return type.lanes * 8 == vectorBytes ? "i64v" : "i32v"
    }
  }

  /// A scalar in a register.
  static func scalar(_ element: ElementType) -> String {
    element == .bool ? "bool" : storage(element.computeType)
  }

  private static func scalarSuffix(_ element: ElementType) -> String { element.computeType.rawValue }

  /// An element in memory; the packed types are bytes.
  static func storage(_ element: ElementType) -> String {
    switch element {
    case .f64: "double"
    case .f32: "float"
    case .f16, .bf16: "uint16_t"
    case .i8: "int8_t"
    case .i16: "int16_t"
    case .i32: "int32_t"
    case .i64: "int64_t"
    case .u8, .bool, .i4, .u4: "uint8_t"
    case .u16: "uint16_t"
    case .u32: "uint32_t"
    case .u64: "uint64_t"
    }
  }

  /// The unsigned type in which signed arithmetic wraps.
  static func unsigned(_ element: ElementType) -> String {
    switch element {
    case .i64, .u64: "uint64_t"
    default: "uint32_t"
    }
  }
}

/// Constants as C writes them: exact, with infinities and NaN through the macros of math.h.
enum CLiteral {
  static func number(_ value: Double, _ element: ElementType) -> String {
    if element == .f64 { return text(value, "\(value)") }
    let single = Float(value)
    return text(Double(single), "\(single)") + (single.isFinite ? "f" : "")
  }

  private static func text(_ value: Double, _ digits: String) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value < 0 ? "-INFINITY" : "INFINITY" }
    return digits
  }

  static func integer(_ value: Int, _ element: ElementType) -> String {
    switch element {
    case .bool: return value != 0 ? "true" : "false"
    case .u32: return "\(UInt32(truncatingIfNeeded: value))u"
    case .u64: return "UINT64_C(\(UInt64(bitPattern: Int64(value))))"
    case .i64: return index(value)
    case .i32: return index(Int(Int32(truncatingIfNeeded: value)))
    case .i16: return "\(Int16(truncatingIfNeeded: value))"
    case .u16: return "\(UInt16(truncatingIfNeeded: value))"
    case .i8: return "\(Int8(truncatingIfNeeded: value))"
    case .u8: return "\(UInt8(truncatingIfNeeded: value))"
    case .i4: return "\(Int8(truncatingIfNeeded: value << 4) >> 4)"
    case .u4: return "\(value & 15)"
    case .f64, .f32, .f16, .bf16: return number(Double(value), element)
    }
  }

  /// A 64-bit number; the least of a type has no literal in C.
  static func index(_ value: Int) -> String {
    if value == Int.min { return "INT64_MIN" }
    if value == Int(Int32.min) { return "INT32_MIN" }
    return Int32(exactly: value) != nil ? "\(value)" : "INT64_C(\(value))"
  }

  /// A string literal, safe for any text. Question marks are escaped because of trigraphs.
  static func string(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"):
        result += "\\" + String(UnicodeScalar(byte))
      case 32...126: result += String(UnicodeScalar(byte))
      default:
        // Three octal digits end by themselves, where hexadecimal ones would swallow what follows.
        let digits = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return result + "\""
  }

  /// Text for a comment: nothing in it ends the comment or starts another.
  static func comment(_ text: String) -> String {
    text.replacing("*/", with: "* /").replacing("/*", with: "/ *").replacing("\n", with: " ")
  }
}
