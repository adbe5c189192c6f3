/// A truth value of an op that is seldom true: text has it only where it is.
@propertyWrapper
public struct Marked: Codable, Hashable, Sendable {
  public var wrappedValue: Bool

  public init(wrappedValue: Bool) { self.wrappedValue = wrappedValue }
}

extension Marked: CustomStringConvertible {
  public var description: String { "\(wrappedValue)" }
}

extension KeyedEncodingContainer {
  /// What is false is left out.
  public mutating func encode(_ value: Marked, forKey key: Key) throws {
    if value.wrappedValue { try encode(true, forKey: key) }
  }
}

extension KeyedDecodingContainer {
  public func decode(_ type: Marked.Type, forKey key: Key) throws -> Marked {
    Marked(wrappedValue: try decodeIfPresent(Bool.self, forKey: key) ?? false)
  }
}
