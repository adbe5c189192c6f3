/// A type that is written as one attribute rather than through its stored properties.
///
/// `AttributeEncoder` and `AttributeDecoder` look for it before they fall back on `Codable`.
public protocol AttributeValue {
  var attribute: Attribute { get }
  /// The value that the attribute stands for; throws a ``Diagnostic`` where it stands for none.
  static func value(of attribute: Attribute) throws -> Self
}

extension AttributeValue {
  static func mismatch(_ expected: String, _ found: Attribute) -> Diagnostic {
    Diagnostic("attribute-type", "expected \(expected), found \(found)")
  }
}

extension Bool: AttributeValue {
  public var attribute: Attribute { .boolean(self) }
  public static func value(of attribute: Attribute) throws -> Bool {
    guard case .boolean(let value) = attribute else { throw mismatch("true or false", attribute) }
    return value
  }
}

extension String: AttributeValue {
  public var attribute: Attribute { .string(self) }
  public static func value(of attribute: Attribute) throws -> String {
    switch attribute {
    case .string(let value): return value
    // The element types are words too: an enum of the user's may have a case of that name.
    case .elementType(let value): return value.rawValue
    default: throw mismatch("a string", attribute)
    }
  }
}

extension Double: AttributeValue {
  public var attribute: Attribute { .number(self) }
  public static func value(of attribute: Attribute) throws -> Double {
    switch attribute {
    case .number(let value): return value
    case .integer(let value): return Double(value)
    default: throw mismatch("a number", attribute)
    }
  }
}

extension Float: AttributeValue {
  /// Written as the shortest decimal of the 32-bit number, `0.1` rather than `0.10000000149011612`.
  public var attribute: Attribute {
    if isFinite, let short = Double("\(self)"), Float(short) == self { return .number(short) }
    return .number(Double(self))
  }
  public static func value(of attribute: Attribute) throws -> Float { Float(try Double.value(of: attribute)) }
}

extension AttributeValue where Self: FixedWidthInteger {
  /// An integer, or a string of digits where it does not fit in 64 signed bits.
  public var attribute: Attribute { Int(exactly: self).map { .integer($0) } ?? .string("\(self)") }

  public static func value(of attribute: Attribute) throws -> Self {
    let value: Self? =
      switch attribute {
      case .integer(let number): Self(exactly: number)
      case .string(let digits): Self(digits)
      default: nil
      }
    guard let value else { throw mismatch("an integer from \(Self.min) to \(Self.max)", attribute) }
    return value
  }
}

extension Int: AttributeValue {}
extension Int8: AttributeValue {}
extension Int16: AttributeValue {}
extension Int32: AttributeValue {}
extension Int64: AttributeValue {}
extension UInt: AttributeValue {}
extension UInt8: AttributeValue {}
extension UInt16: AttributeValue {}
extension UInt32: AttributeValue {}
extension UInt64: AttributeValue {}

extension Dimension: AttributeValue {
  public var attribute: Attribute { constant.map { .integer($0) } ?? .dimension(self) }
  public static func value(of attribute: Attribute) throws -> Dimension {
    switch attribute {
    case .integer(let value): return Dimension(value)
    case .dimension(let value): return value
    default: throw mismatch("a dimension", attribute)
    }
  }
}

extension ElementType: AttributeValue {
  public var attribute: Attribute { .elementType(self) }
  public static func value(of attribute: Attribute) throws -> ElementType {
    guard case .elementType(let value) = attribute else { throw mismatch("an element type", attribute) }
    return value
  }
}

extension TensorType: AttributeValue {
  public var attribute: Attribute { .type(self) }
  public static func value(of attribute: Attribute) throws -> TensorType {
    guard case .type(let value) = attribute else { throw mismatch("a type such as f32[2, n]", attribute) }
    return value
  }
}

extension TensorLiteral: AttributeValue {
  public var attribute: Attribute { .tensor(self) }
  public static func value(of attribute: Attribute) throws -> TensorLiteral {
    guard case .tensor(let value) = attribute else { throw mismatch("a tensor", attribute) }
    return value
  }
}

extension Layout: AttributeValue {
  public var attribute: Attribute { .layout(self) }
  public static func value(of attribute: Attribute) throws -> Layout {
    guard case .layout(let value) = attribute else { throw mismatch("a layout such as layout(nhwc)", attribute) }
    return value
  }
}
