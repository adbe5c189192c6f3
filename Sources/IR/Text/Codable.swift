import Foundation

// `Codable` for the types that `AttributeValue` writes directly. The attribute coders never come here; other coders
// get text, so that a struct holding these types stays `Codable` everywhere.

extension Dimension: Codable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = try Dimension(text: container.decode(String.self))
  }
}

extension Layout: Codable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let layout = Layout(text) else { throw Diagnostic("layout", "'\(text)' is not a layout") }
    self = layout
  }
}

extension TensorLiteral: Codable {
  private enum Key: String, CodingKey { case elementType, shape, bytes }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(elementType, forKey: .elementType)
    try container.encode(shape, forKey: .shape)
    try container.encode(bytes, forKey: .bytes)
  }

  public convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let elementType = try container.decode(ElementType.self, forKey: .elementType)
    let shape = try container.decode([Int].self, forKey: .shape)
    let bytes = try container.decode(Data.self, forKey: .bytes)
    guard TensorLiteral.isWhole(elementType, shape, byteCount: bytes.count) else {
      throw Diagnostic("tensor-size", "a tensor of \(elementType)\(shape) does not have \(bytes.count) bytes")
    }
    self.init(checked: elementType, shape: shape, bytes: bytes)
  }
}
