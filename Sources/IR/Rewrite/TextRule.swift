/// A rule as it is read from text: `double-negation: negate(negate(x)) => x where x is float`.
public struct TextRule: Sendable {
  public var name: String
  public var exactness: Rule.Exactness
  public var pattern: Pattern
  public var replacement: Pattern
  public var conditions: [Condition]
  public var line: Int

  /// What a side of a rule is made of.
  public indirect enum Pattern: Sendable {
    /// A word: any value, the same one wherever the word stands.
    case variable(String)
    /// A constant all of whose elements are this number; -0.0 is not 0.
    case number(Double)
    case operation(String, attributes: [Field], operands: [Pattern])
  }

  /// An attribute of an operation.
  public struct Field: Sendable {
    public var name: String
    public var value: Value

    public enum Value: Sendable {
      case literal(Attribute)
      /// `%p`: what stands here in the pattern, for the replacement.
      case capture(String)
    }
  }

  /// `x is float`
  public struct Condition: Sendable {
    public var variable: String
    public var kind: String
    public let accepts: @Sendable (ElementType) -> Bool
  }

  var rootName: String? {
    if case .operation(let name, _, _) = pattern { return name }
    return nil
  }

  /// What the words and captures of a pattern stand for at a site.
  struct Bindings {
    var values: [String: ValueID] = [:]
    var attributes: [String: Attribute] = [:]
  }

  func apply(_ site: inout RewriteSite, _ language: any RewriteLanguage) throws -> [ValueID]? {
    var bindings = Bindings()
    guard site.operation.results.count == 1,
      try match(pattern, site.operation, &bindings, &site, language)
    else { return nil }
    for condition in conditions {
      guard let value = bindings.values[condition.variable],
        condition.accepts(site.type(of: value).elementType)
      else { return nil }
    }
    return [try build(replacement, bindings, &site, language, isRoot: true)]
  }

  private func match(
    _ pattern: Pattern, _ operation: Operation, _ bindings: inout Bindings, _ site: inout RewriteSite,
    _ language: any RewriteLanguage
  ) throws -> Bool {
    guard case .operation(let name, let fields, let operands) = pattern, operation.op.name == name,
      operands.count == operation.operands.count, operation.results.count == 1
    else { return false }
    for (inner, operand) in zip(operands, operation.operands) {
      guard let operand, try match(inner, operand, &bindings, &site, language) else { return false }
    }
    if fields.isEmpty { return true }
    let found = try AttributeEncoder().fields(of: operation.op)
    for field in fields {
      guard let attribute = found.first(where: { $0.name == field.name })?.value else { return false }
      switch field.value {
      case .literal(let wanted): if attribute != wanted { return false }
      case .capture(let word):
        if let known = bindings.attributes[word], known != attribute { return false }
        bindings.attributes[word] = attribute
      }
    }
    return true
  }

  private func match(
    _ pattern: Pattern, _ value: ValueID, _ bindings: inout Bindings, _ site: inout RewriteSite,
    _ language: any RewriteLanguage
  ) throws -> Bool {
    switch pattern {
    case .variable(let word):
      if let known = bindings.values[word] { return known == value }
      bindings.values[word] = value
      return true
    case .number(let number):
      guard let operation = site.producer(of: value), operation.operands.isEmpty else { return false }
      return language.isSplat(operation.op, of: number)
    case .operation:
      guard let operation = site.producer(of: value) else { return false }
      return try match(pattern, operation, &bindings, &site, language)
    }
  }

  private func build(
    _ pattern: Pattern, _ bindings: Bindings, _ site: inout RewriteSite, _ language: any RewriteLanguage,
    isRoot: Bool
  ) throws -> ValueID {
    switch pattern {
    case .variable(let word):
      guard let value = bindings.values[word] else { throw Diagnostic("rewrite", "'\(word)' is not bound") }
      return value
    case .number(let number):
      // Inside an expression a number is a scalar, which broadcasts.
      let type = isRoot ? site.resultType.plain : TensorType(site.resultType.elementType, [])
      guard let op = language.makeSplat(number, type) else {
        throw Diagnostic("rewrite", "no number \(number)")
      }
      return try site.one(op)
    case .operation(let name, let fields, let operands):
      let values = try operands.map { try build($0, bindings, &site, language, isRoot: false) }
      let op = try language.ops.make(
        name, fields.map { Attribute.Field($0.name, try bindings.value(of: $0)) })
      let results = try site.add(op, values)
      guard results.count == 1 else { throw Diagnostic("rewrite", "'\(name)' has \(results.count) results") }
      return results[0]
    }
  }
}

extension TextRule.Bindings {
  func value(of field: TextRule.Field) throws -> Attribute {
    switch field.value {
    case .literal(let attribute): return attribute
    case .capture(let word):
      guard let attribute = attributes[word] else { throw Diagnostic("rewrite", "'%\(word)' is not bound") }
      return attribute
    }
  }
}
