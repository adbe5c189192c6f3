extension TextParser {
  /// What the text says of one operation.
  struct Statement {
    var name: Token
    var fields: [Attribute.Field]
    var attributesAt: Token
    var typesAt: Token
    var types: [TensorType]?
    var guards: [InferenceContext.Guard] = []
    var location = Location.unknown
  }

  /// Makes the op, infers its types again and holds the written ones to them; layouts are taken from the text.
  mutating func build(
    _ statement: Statement, _ operands: [ValueID?], _ regions: [Region], resultCount: Int
  ) throws -> Operation {
    let op = try make(statement)
    var inferred: InferredTypes
    do { inferred = try function.inferTypes(of: op, operands, regions: regions) } catch {
      let diagnostic = error as? Diagnostic ?? Diagnostic("internal", "\(error)")
      throw failure(diagnostic.id, diagnostic.message, at: statement.name)
    }
    guard inferred.types.count == resultCount else {
      let message = "'\(op.name)' has \(inferred.types.count) results, the text names \(resultCount)"
      throw failure("result-count", message, at: statement.name)
    }
    if let types = statement.types {
      if let message = inferred.match(types) { throw failure("type-mismatch", message, at: statement.typesAt) }
      inferred.types = types
    }
    for symbol in inferred.fresh where function.symbols[symbol.name] == nil { function.symbols.declare(symbol) }
    try checkDeclared(inferred.types, at: statement.typesAt)
    let results = inferred.types.map { function.addValue($0) }
    var operation = Operation(op, operands, results: results, regions: regions, location: statement.location)
    do { try function.checkRegions(of: operation) } catch let diagnostic as Diagnostic {
      throw failure(diagnostic.id, diagnostic.message, at: statement.name)
    }
    operation.guards = (statement.guards.map { $0.located(at: statement.location) })
      .adding(inferred.guards(at: statement.location))
    let sides = statement.guards.flatMap { [$0.condition.left, $0.condition.right] }
    try checkDeclared([TensorType(.bool, sides)], at: statement.typesAt)
    return operation
  }

  private func make(_ statement: Statement) throws -> any Op {
    try checkDeclared(statement.fields.flatMap(\.value.types), at: statement.attributesAt)
    do { return try ops.make(statement.name.text, statement.fields) } catch {
      let diagnostic = error as? Diagnostic ?? Diagnostic("internal", "\(error)")
      let isName = diagnostic.id == "unknown-op"
      throw failure(diagnostic.id, diagnostic.message, at: isName ? statement.name : statement.attributesAt)
    }
  }
}

extension Attribute {
  /// Types that hold every dimension in the attribute.
  var types: [TensorType] {
    switch self {
    case .dimension(let value): [TensorType(.bool, [value])]
    case .type(let type): [type]
    case .list(let values): values.flatMap(\.types)
    case .record(let fields): fields.flatMap(\.value.types)
    default: []
    }
  }
}
