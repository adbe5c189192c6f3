/// Makes a `Decodable` value from attributes, by name. A field that is missing, unknown or of the wrong kind throws a
/// ``Diagnostic`` that says which.
public struct AttributeDecoder: Sendable {
  public init() {}

  /// The greatest magnitude of an attribute of type `Int`: axes, steps, sizes and padding, whose sums and products of two
  /// then fit in 64 bits. A ``Dimension`` may be any number, for its arithmetic is checked.
  public static let greatest = 1 << 31

  public func decode<T: Decodable>(_ type: T.Type, from attribute: Attribute) throws -> T {
    let session = DecodingSession()
    let value = try AttributeNode(attribute, path: "", session: session).decode(type)
    try session.refuseUnusedFields()
    return value
  }

  /// The op of a type from its attributes.
  public func op(_ type: any Op.Type, from fields: [Attribute.Field]) throws -> any Op {
    try decode(type, from: .record(fields))
  }
}

/// Remembers which fields were asked for, to find the ones that no property has.
private final class DecodingSession {
  var records: [AttributeNode] = []

  func refuseUnusedFields() throws {
    for node in records {
      for field in node.fields where !node.used.contains(field.name) {
        throw Diagnostic("attribute-unknown", "there is no attribute '\(node.join(field.name))'")
      }
    }
  }
}

/// An attribute with its path from the op, for messages.
private final class AttributeNode {
  let attribute: Attribute
  let path: String
  let session: DecodingSession
  var used: Set<String> = []

  init(_ attribute: Attribute, path: String, session: DecodingSession) {
    self.attribute = attribute
    self.path = path
    self.session = session
  }

  var fields: [Attribute.Field] {
    guard case .record(let fields) = attribute else { return [] }
    return fields
  }

  func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  func child(_ name: String) throws -> AttributeNode {
    used.insert(name)
    guard let field = fields.first(where: { $0.name == name }) else {
      throw Diagnostic("attribute-missing", "the attribute '\(join(name))' is missing")
    }
    return AttributeNode(field.value, path: join(name), session: session)
  }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    do {
      if let direct = type as? any AttributeValue.Type, let value = try direct.value(of: attribute) as? T {
        if let number = value as? Int, number.magnitude > AttributeDecoder.greatest {
          throw Diagnostic("attribute-type", "\(number) is beyond ±\(AttributeDecoder.greatest)")
        }
        return value
      }
      return try T(from: NodeDecoder(node: self))
    } catch let error as DecodingError {
      throw Diagnostic("attribute-type", "the attribute '\(path)': \(AttributeNode.reason(of: error))")
    } catch let error as Diagnostic where error.id == "attribute-type" && !error.message.hasPrefix("the attribute") {
      throw Diagnostic(error.id, "the attribute '\(path)': \(error.message)")
    }
  }

  private static func reason(of error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
      .valueNotFound(_, let context):
      context.debugDescription
    @unknown default: "\(error)"
    }
  }

  func wrongKind(_ expected: String) -> Diagnostic {
    Diagnostic("attribute-type", "the attribute '\(path)': expected \(expected), found \(attribute)")
  }

  func record<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .record = attribute else { throw wrongKind("a record in braces") }
    if !session.records.contains(where: { $0 === self }) { session.records.append(self) }
    return KeyedDecodingContainer(RecordReader<Key>(node: self))
  }

  func list() throws -> ListReader {
    guard case .list(let values) = attribute else { throw wrongKind("a list in brackets") }
    return ListReader(node: self, values: values)
  }
}

private struct NodeDecoder: Decoder {
  let node: AttributeNode
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try node.record(keyedBy: type)
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try node.list() }
  func singleValueContainer() -> any SingleValueDecodingContainer { ValueReader(node: node) }
}

/// The generic `decode` below is the witness of every requirement that names a concrete type.
private struct RecordReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let node: AttributeNode
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { node.fields.compactMap { Key(stringValue: $0.name) } }

  func contains(_ key: Key) -> Bool {
    node.used.insert(key.stringValue)
    return node.fields.contains { $0.name == key.stringValue }
  }
  func decodeNil(forKey key: Key) throws -> Bool { try node.child(key.stringValue).attribute == .none }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try node.child(key.stringValue).decode(type)
  }
  func nestedContainer<Inner: CodingKey>(
    keyedBy type: Inner.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Inner> {
    try node.child(key.stringValue).record(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try node.child(key.stringValue).list()
  }
  func superDecoder() throws -> any Decoder { NodeDecoder(node: try node.child("super")) }
  func superDecoder(forKey key: Key) throws -> any Decoder { NodeDecoder(node: try node.child(key.stringValue)) }
}

private struct ListReader: UnkeyedDecodingContainer {
  let node: AttributeNode
  let values: [Attribute]
  var currentIndex = 0
  var codingPath: [any CodingKey] { [] }
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex >= values.count }

  init(node: AttributeNode, values: [Attribute]) {
    self.node = node
    self.values = values
  }

  private func current() throws -> AttributeNode {
    guard !isAtEnd else { throw node.wrongKind("more than \(values.count) elements") }
    return AttributeNode(values[currentIndex], path: "\(node.path)[\(currentIndex)]", session: node.session)
  }

  mutating func decodeNil() throws -> Bool {
    guard try current().attribute == .none else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let value = try current().decode(type)
    currentIndex += 1
    return value
  }
  mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) throws -> KeyedDecodingContainer<Inner> {
    let inner = try current().record(keyedBy: type)
    currentIndex += 1
    return inner
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let inner = try current().list()
    currentIndex += 1
    return inner
  }
  mutating func superDecoder() throws -> any Decoder {
    let inner = try NodeDecoder(node: current())
    currentIndex += 1
    return inner
  }
}

private struct ValueReader: SingleValueDecodingContainer {
  let node: AttributeNode
  var codingPath: [any CodingKey] { [] }
  func decodeNil() -> Bool { node.attribute == .none }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try node.decode(type) }
}
