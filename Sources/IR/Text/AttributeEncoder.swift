/// Writes an `Encodable` value as attributes: stored properties become the fields of a record, in their order.
///
/// A nil property is left out. Dictionaries have no order and do not belong in an op.
public struct AttributeEncoder: Sendable {
  public init() {}

  public func encode(_ value: any Encodable) throws -> Attribute { try EncodedSlot(value).attribute }

  /// The attributes of an op; empty where it has no stored property.
  public func fields(of op: any Op) throws -> [Attribute.Field] {
    guard case .record(let fields) = try encode(op) else {
      throw Diagnostic("attribute-type", "the op '\(op.name)' does not encode itself as a record of attributes")
    }
    return fields
  }
}

/// A place in the tree being written; containers hold references to it and fill it in.
private final class EncodedSlot {
  enum Content {
    case empty
    case leaf(Attribute)
    case list([EncodedSlot])
    case record([(name: String, slot: EncodedSlot)])
  }

  var content = Content.empty

  init() {}

  convenience init(_ value: any Encodable) throws {
    self.init()
    try fill(value)
  }

  func fill(_ value: any Encodable) throws {
    if let value = value as? any AttributeValue {
      content = .leaf(value.attribute)
    } else {
      try value.encode(to: SlotEncoder(slot: self))
    }
  }

  /// What was written; a value that wrote nothing has no properties.
  var attribute: Attribute {
    switch content {
    case .empty: .record([])
    case .leaf(let value): value
    case .list(let slots): .list(slots.map(\.attribute))
    case .record(let fields): .record(fields.map { Attribute.Field($0.name, $0.slot.attribute) })
    }
  }

  func add(_ slot: EncodedSlot, named name: String) {
    guard case .record(var fields) = content else { return }
    content = .empty
    fields.append((name, slot))
    content = .record(fields)
  }

  func append(_ slot: EncodedSlot) {
    guard case .list(var slots) = content else { return }
    content = .empty
    slots.append(slot)
    content = .list(slots)
  }

  var count: Int {
    guard case .list(let slots) = content else { return 0 }
    return slots.count
  }

  func openRecord() { if case .record = content {} else { content = .record([]) } }
  func openList() { if case .list = content {} else { content = .list([]) } }
}

private struct SlotEncoder: Encoder {
  let slot: EncodedSlot
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(RecordContainer<Key>(slot: slot))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { ListContainer(slot: slot) }
  func singleValueContainer() -> any SingleValueEncodingContainer { ValueContainer(slot: slot) }
}

/// The generic `encode` below is the witness of every requirement that names a concrete type.
private struct RecordContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let slot: EncodedSlot
  var codingPath: [any CodingKey] { [] }

  init(slot: EncodedSlot) {
    self.slot = slot
    slot.openRecord()
  }

  private func child(_ name: String) -> EncodedSlot {
    let result = EncodedSlot()
    slot.add(result, named: name)
    return result
  }

  func encodeNil(forKey key: Key) { child(key.stringValue).content = .leaf(.none) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try child(key.stringValue).fill(value) }
  func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
    SlotEncoder(slot: child(key.stringValue)).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    ListContainer(slot: child(key.stringValue))
  }
  func superEncoder() -> any Encoder { SlotEncoder(slot: child("super")) }
  func superEncoder(forKey key: Key) -> any Encoder { SlotEncoder(slot: child(key.stringValue)) }
}

private struct ListContainer: UnkeyedEncodingContainer {
  let slot: EncodedSlot
  var codingPath: [any CodingKey] { [] }
  var count: Int { slot.count }

  init(slot: EncodedSlot) {
    self.slot = slot
    slot.openList()
  }

  private func child() -> EncodedSlot {
    let result = EncodedSlot()
    slot.append(result)
    return result
  }

  func encodeNil() { child().content = .leaf(.none) }
  func encode<T: Encodable>(_ value: T) throws { try child().fill(value) }
  func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
    SlotEncoder(slot: child()).container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { ListContainer(slot: child()) }
  func superEncoder() -> any Encoder { SlotEncoder(slot: child()) }
}

private struct ValueContainer: SingleValueEncodingContainer {
  let slot: EncodedSlot
  var codingPath: [any CodingKey] { [] }
  func encodeNil() { slot.content = .leaf(.none) }
  func encode<T: Encodable>(_ value: T) throws { try slot.fill(value) }
}
