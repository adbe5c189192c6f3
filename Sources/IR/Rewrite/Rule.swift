/// A rewrite: what a group of operations may be replaced by.
///
/// Simple algebra is written as text (``RuleSet``); what needs a look at shapes or constants is a closure.
public struct Rule: Sendable {
  /// What a rule does to results.
  public enum Exactness: Int, Comparable, Sendable {
    /// The same bits.
    case exact
    /// The same but for where it is rounded, as when a factor for each channel is multiplied into weights. On unless
    /// it is asked for the same bits.
    case rounding
    /// Zeros may change sign, and infinities or NaN come out differently: only with `--fast-math`.
    case inexact

    public static func < (a: Exactness, b: Exactness) -> Bool { a.rawValue < b.rawValue }
  }

  /// A word or words with `-` between them, for `--explain` and for messages.
  public var name: String
  /// The op at the root of what it replaces; nil for any.
  public var root: String?
  public var exactness: Exactness
  /// The text it was read from, if it was.
  public var text: TextRule?
  let apply: @Sendable (inout RewriteSite) throws -> [ValueID]?

  /// A rule in Swift. The closure gives the values that take the place of the operation's results, or nil where the
  /// rule does not apply; the operations that it adds are then taken back. So are they where it throws.
  public init<T: Op>(
    _ name: String, on root: T.Type, exactness: Exactness = .exact,
    _ apply: @escaping @Sendable (T, inout RewriteSite) throws -> [ValueID]?
  ) {
    self.name = name
    self.root = T.name
    self.exactness = exactness
    self.apply = { site in
      guard let op = site.operation.op as? T else { return nil }
      return try apply(op, &site)
    }
  }

  /// A rule that looks at operations of every kind.
  public init(
    _ name: String, exactness: Exactness = .exact,
    _ apply: @escaping @Sendable (inout RewriteSite) throws -> [ValueID]?
  ) {
    self.name = name
    self.exactness = exactness
    self.apply = apply
  }

  init(_ text: TextRule, _ language: any RewriteLanguage) {
    name = text.name
    root = text.rootName
    exactness = text.exactness
    self.text = text
    apply = { site in try text.apply(&site, language) }
  }
}

/// What the engine must be told to read rules, for it knows no op: which op makes numbers, and which values are one.
public protocol RewriteLanguage: Sendable {
  var ops: OpDirectory { get }
  /// Whether every element of an op's result is this number, rounded to the element type: 0.0 and -0.0 differ.
  func isSplat(_ op: any Op, of number: Double) -> Bool
  /// An op without operands whose elements are all this number; nil where the type has no such number.
  func makeSplat(_ number: Double, _ type: TensorType) -> (any Op)?
}

/// The place at which a rule is tried: an operation, what is around it, and a way to add operations before it.
public struct RewriteSite {
  let graph: RewriteGraph
  let node: RewriteGraph.NodeID
  /// Operations added so far; they count only if the rule applies.
  private(set) var added: [RewriteGraph.NodeID] = []
  /// The operations that the rule has looked at; their guards go with the result.
  private(set) var visited: [RewriteGraph.NodeID] = []

  init(_ graph: RewriteGraph, _ node: RewriteGraph.NodeID) {
    self.graph = graph
    self.node = node
  }

  public var operation: Operation { graph.operation(node) }
  public var symbols: SymbolTable { graph.function.symbols }
  public var hasRegions: Bool { graph.hasRegions(node) }
  public func type(of id: ValueID) -> TensorType { graph.type(of: id) }

  /// The types of the operation's operands; an absent one has ``FunctionBuilder/absent``.
  public var operandTypes: [TensorType] {
    operation.operands.map { $0.map { type(of: $0) } ?? FunctionBuilder.absent }
  }

  /// The type of the operation's first result.
  public var resultType: TensorType { operation.results.first.map { type(of: $0) } ?? FunctionBuilder.absent }

  /// The value of an operand; nil where there is none.
  public func operand(_ index: Int) -> ValueID? {
    let operands = operation.operands
    return index < operands.count ? operands[index] : nil
  }

  /// The operation that computes a value; nil for a parameter.
  public mutating func producer(of id: ValueID?) -> Operation? {
    guard let id, let found = graph.producer(of: id) else { return nil }
    visited.append(found)
    return graph.operation(found)
  }

  /// The op and operation that compute a value, if they are of a kind.
  public mutating func producer<T: Op>(of id: ValueID?, as kind: T.Type) -> (op: T, operation: Operation)? {
    guard let id, let found = graph.producer(of: id), let op = graph.operation(found).op as? T else {
      return nil
    }
    visited.append(found)
    return (op, graph.operation(found))
  }

  /// Whether a value has one use: then what computes it goes away with that use.
  public func isUsedOnce(_ id: ValueID?) -> Bool { id.map { graph.useCount(of: $0) == 1 } ?? false }

  /// Adds an operation before the site, at its location; throws the op's diagnostic.
  public mutating func add(_ op: any Op, _ operands: [ValueID?]) throws -> [ValueID] {
    let inferred = try graph.inferTypes(of: op, operands)
    // A size that only the data tells would be a second one beside that of the operation replaced.
    guard inferred.fresh.isEmpty else { throw Diagnostic("rewrite", "'\(op.name)' makes a symbol") }
    let results = inferred.types.map { graph.addValue($0) }
    var operation = Operation(op, operands, results: results, location: self.operation.location)
    operation.guards = inferred.guards(at: operation.location)
    operation.checkpoint = self.operation.checkpoint
    added.append(graph.insert(operation, before: node))
    return results
  }

  /// Adds an operation with one result.
  public mutating func one(_ op: any Op, _ operands: ValueID?...) throws -> ValueID {
    let results = try add(op, operands)
    guard results.count == 1 else { throw Diagnostic("rewrite", "'\(op.name)' has \(results.count) results") }
    return results[0]
  }

  /// The guards of the operations that the rule has looked at, that of the site first.
  var guards: [InferenceContext.Guard] {
    ([node] + visited).reduce([]) { $0.adding(graph.operation($1).guards) }
  }
}
