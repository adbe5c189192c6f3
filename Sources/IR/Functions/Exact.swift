/// A value that two numbers share where all of their bits agree, rather than where `==` says so: 0 and -0 are two, and a NaN
/// is itself. Ops declare their attributes with it, for ops are keys: of what is compiled already, and of what is computed twice.
@propertyWrapper
public struct Exact<Value: BitComparable & Codable & Sendable>: Codable, Hashable, Sendable {
  public var wrappedValue: Value

  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

  public static func == (left: Exact, right: Exact) -> Bool { left.wrappedValue.bits == right.wrappedValue.bits }
  public func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue.bits) }

  /// Written as the value itself.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }

  public init(from decoder: any Decoder) throws {
    wrappedValue = try decoder.singleValueContainer().decode(Value.self)
  }
}

extension Exact: CustomStringConvertible {
  public var description: String { "\(wrappedValue)" }
}

/// What is compared by its bits.
public protocol BitComparable {
  /// Equal for values all of whose bits are.
  var bits: [UInt64] { get }
}

extension Double: BitComparable {
  public var bits: [UInt64] { [bitPattern] }
}

extension Array: BitComparable where Element: BitComparable {
  public var bits: [UInt64] { flatMap(\.bits) + [UInt64(count)] }
}

extension Optional: BitComparable where Wrapped: BitComparable {
  public var bits: [UInt64] { map(\.bits) ?? [] }
}

extension KeyedEncodingContainer {
  /// A nil attribute is left out.
  public mutating func encode<Value>(_ value: Exact<Value?>, forKey key: Key) throws {
    try encodeIfPresent(value.wrappedValue, forKey: key)
  }
}

extension KeyedDecodingContainer {
  public func decode<Value>(_ type: Exact<Value?>.Type, forKey key: Key) throws -> Exact<Value?> {
    Exact(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
  }
}
