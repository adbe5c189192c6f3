/// The value of an attribute in the text form.
public indirect enum Attribute: Hashable, Sendable {
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case string(String)
  /// A dimension that holds a symbol; a plain number is ``integer(_:)``.
  case dimension(Dimension)
  case elementType(ElementType)
  case type(TensorType)
  case tensor(TensorLiteral)
  case layout(Layout)
  case list([Attribute])
  case record([Field])
  case none

  /// A named attribute; records keep the order in which they were written.
  public struct Field: Hashable, Sendable {
    public var name: String
    public var value: Attribute

    public init(_ name: String, _ value: Attribute) {
      self.name = name
      self.value = value
    }
  }
}

extension Attribute: CustomStringConvertible {
  public var description: String { text { $0.description } }

  /// The text form, with `tensor` deciding how tensors are written.
  func text(tensor: (TensorLiteral) -> String) -> String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): Attribute.text(of: value)
    case .boolean(let value): "\(value)"
    case .string(let value): Attribute.text(of: value)
    case .dimension(let value): "<\(value)>"
    case .elementType(let value): "\(value)"
    case .type(let value): "\(value)"
    case .tensor(let value): tensor(value)
    case .layout(let value): "layout(\(value))"
    case .list(let values): "[\(values.map { $0.text(tensor: tensor) }.joined(separator: ", "))]"
    case .record(let fields): Attribute.text(of: fields, tensor: tensor)
    case .none: "none"
    }
  }

  /// `{axis: 1, keep: true}`
  static func text(of fields: [Field], tensor: (TensorLiteral) -> String) -> String {
    "{"
      + fields.map { "\(TextForm.word($0.name)): \($0.value.text(tensor: tensor))" }.joined(separator: ", ")
      + "}"
  }

  /// The shortest text that reads back as the same number, always with a point, an exponent or a word.
  static func text<T: BinaryFloatingPoint & CustomStringConvertible>(of value: T) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return "\(value)"
  }

  /// A string bare where it reads as a word that means nothing else, else in quotes.
  static func text(of string: String) -> String {
    TextForm.isWord(string) && !reservedWords.contains(string) ? string : TextForm.quote(string)
  }

  /// The words that stand for something other than a string where an attribute is expected.
  static let reservedWords: Set<String> = Set(
    ["true", "false", "none", "nan", "inf", "layout", "dense", "blob"] + ElementType.allCases.map(\.rawValue))
}
