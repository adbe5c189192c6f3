/// What the tensor IR knows of an operation: its name, its attributes (the stored properties, through `Codable`) and the
/// types of its results. Everything else about an op is declared beside it in `TensorOps`.
public protocol Op: Codable, Hashable, Sendable {
  /// The word that stands in the text form.
  static var name: String { get }
  /// One sentence for the reference of ops.
  static var summary: String { get }
  /// How many operands, results and regions it has; checked for every op before its types are inferred.
  static var signature: Signature { get }

  /// Whether an extent of a result may come out negative, and then means no elements: for ops that only the compiler makes.
  static var allowsNegativeExtents: Bool { get }

  /// The computed sizes that it finds when it runs. They may be used behind it, in its own results too.
  var definedSizes: [String] { get }
  /// The computed sizes that the parameters of its regions have; every run of a region finds them anew.
  var regionSizes: [String] { get }

  /// The types of the results; throws a ``Diagnostic`` where operands or attributes do not fit. Called with what the
  /// signature allows and nothing else; an operand that is left out is ``FunctionBuilder/absent``.
  func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType]

  /// Throws a ``Diagnostic`` where the op cannot work in these layouts. Without a rule of its own it works in row-major
  /// memory alone.
  func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws
}

extension Op {
  public var name: String { Self.name }
  public static var allowsNegativeExtents: Bool { false }
  public var signature: Signature { Self.signature }
  public var definedSizes: [String] { [] }
  public var regionSizes: [String] { [] }

  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {
    try requirePlain(operands + results)
  }

  /// Requires row-major memory.
  public func requirePlain(_ types: [TensorType]) throws {
    if let type = types.first(where: { !$0.layout.isPlain }) { throw refused(type) }
  }

  /// Requires layouts without blocks: every axis has one stride.
  public func requireStrides(_ types: [TensorType]) throws {
    if let type = types.first(where: { !$0.layout.blocks.isEmpty }) { throw refused(type) }
  }

  private func refused(_ type: TensorType) -> Diagnostic {
    Diagnostic("layout", "'\(name)' does not work on \(type)")
  }

  /// Equality across types, for merging equal operations.
  public func isEqual(to other: any Op) -> Bool {
    guard let other = other as? Self else { return false }
    return self == other
  }
}

/// What type inference may ask, and what it leaves behind.
public struct InferenceContext {
  /// What is known of the symbols.
  public var symbols: SymbolTable
  /// What must hold at run time for the types to be right.
  public private(set) var guards: [Guard] = []
  /// The types of the operation's regions, for ops that have some.
  public var regions: [RegionTypes] = []

  public init(symbols: SymbolTable) { self.symbols = symbols }

  /// Requires equality: nothing if it is known, an error if it is known to be false, a guard otherwise.
  public mutating func require(_ left: Dimension, equals right: Dimension, _ message: @autoclosure () -> String) throws
  {
    try require(SizeCondition(left, .equal, right), message())
  }

  /// Requires a condition: nothing if it is known to hold, an error if it never does, a guard otherwise.
  public mutating func require(_ condition: SizeCondition, _ message: @autoclosure () -> String) throws {
    switch symbols.holds(condition) {
    case .yes: return
    case .no: throw Diagnostic("shape-mismatch", message())
    case .unknown: guards = guards.adding([Guard(condition, message())])
    }
  }

  /// The extent of two axes broadcast together; a guard where it is not known that they are equal or one of them is 1.
  public mutating func broadcast(
    _ a: Dimension, _ b: Dimension, _ message: @autoclosure () -> String
  ) throws -> Dimension {
    let result = Dimension.broadcast(a, b)
    if a == b || a == 1 || b == 1 { return result }
    // A table cut to an extent, `min(extent, 512)`, goes with that extent only where nothing was cut off it.
    for (whole, part) in [(a, b), (b, a)] where isCut(part, from: whole) {
      try require(part, equals: whole, message())
      return whole
    }
    // What was broadcast with `b` before, and still is as long: it fits if the two that it was made of do.
    if result == a || result == b, let parts = result.broadcastParts {
      try require(SizeCondition(parts.0, .broadcastsWith, parts.1), message())
    } else {
      try require(SizeCondition(a, .broadcastsWith, b), message())
    }
    return result
  }

  /// Whether `part` is the lesser of `whole` and something that is never 1.
  private func isCut(_ part: Dimension, from whole: Dimension) -> Bool {
    guard case .minimum(let x, let y)? = part.singleAtom, x == whole || y == whole else { return false }
    return symbols.isAtMost(2, x == whole ? y : x) == .yes
  }

  /// NumPy's rule for several shapes, aligned at the right.
  public mutating func broadcastShapes(_ shapes: [[Dimension]]) throws -> [Dimension] {
    let rank = shapes.map(\.count).max() ?? 0
    var result = [Dimension](repeating: 1, count: rank)
    for shape in shapes {
      for (index, extent) in shape.enumerated() {
        let axis = rank - shape.count + index
        let joined = result[axis]
        result[axis] = try broadcast(
          joined, extent,
          "shapes \(InferenceContext.text(shapes)) do not broadcast: \(joined) against \(extent) on axis \(axis)")
      }
    }
    return result
  }

  /// `[2, n] and [3]` for messages.
  public static func text(_ shapes: [[Dimension]]) -> String {
    shapes.map { "[\($0.map(\.description).joined(separator: ", "))]" }.joined(separator: " and ")
  }
}
