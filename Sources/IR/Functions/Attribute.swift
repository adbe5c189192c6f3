/// The value of an attribute in the text form.
public indirect enum Attribute: Hashable, Sendable, CustomStringConvertible {
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case string(String)
  case dimension(Dimension)
  case elementType(ElementType)
  case tensor(TensorLiteral)
  case layout(Layout, rank: Int)
  case list([Attribute])
  case record([String: Attribute])
  case none

  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): Attribute.text(of: value)
    case .boolean(let value): "\(value)"
    case .string(let value): TextForm.quote(value)
    case .dimension(let value): "<\(value)>"
    case .elementType(let value): "\(value)"
    case .tensor(let value): value.description
    case .layout(let value, let rank): "layout(\(value.isPlain ? "plain" : value.description), \(rank))"
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    case .record(let fields):
      "{" + fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    case .none: "none"
    }
  }

  /// The shortest text that reads back as the same number, always with a point, an exponent or a word.
  static func text(of value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    return "\(value)"
  }
}
