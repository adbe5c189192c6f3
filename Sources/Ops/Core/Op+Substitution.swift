import TensorIR

extension Op {
  /// The op with symbols replaced in all of its attributes, as when a dimension is fixed.
  public func substituting(_ replacement: (String) -> Dimension?) throws -> any Op {
    let fields = try AttributeEncoder().fields(of: self)
    let replaced = fields.map { Attribute.Field($0.name, $0.value.substituting(replacement)) }
    return replaced == fields ? self : try AttributeDecoder().op(Self.self, from: replaced)
  }
}

extension Attribute {
  /// The attribute with symbols replaced in its dimensions and types.
  func substituting(_ replacement: (String) -> Dimension?) -> Attribute {
    switch self {
    case .dimension(let value): value.substituting(replacement).attribute
    case .type(let value): .type(value.substituting(replacement))
    case .list(let values): .list(values.map { $0.substituting(replacement) })
    case .record(let fields):
      .record(fields.map { Field($0.name, $0.value.substituting(replacement)) })
    default: self
    }
  }
}
