import TensorIR

/// Operations that become one kernel; its body has at most one that is not computed element by element.
public struct Fused: RegionOp, NotDifferentiable {
  public static let name = "fused"
  public static let summary = "Operations that are compiled into one kernel."
  public static let signature = Signature(
    operands: 0...(.max), results: 1...(.max), regions: [RegionSignature("body", parameters: .operands(from: 0))])
  public static let contractExclusion: String? = "the compiler makes it; groups are tried by tests of their own"
  /// The shapes of the results, where a text states them; the body's results are the op's, layouts included.
  public var shapes: [[Dimension]]?
  /// The element types of the results, likewise.
  public var elementTypes: [ElementType]?

  public init() {}

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    let types = context.regions[0].results
    guard shapes.map({ $0 == types.map(\.shape) }) ?? true,
      elementTypes.map({ $0 == types.map(\.elementType) }) ?? true
    else {
      let found = types.map(\.description).joined(separator: ", ")
      throw Diagnostic("bad-attribute", "the attributes of 'fused' are not the types that its body yields: \(found)")
    }
    return types
  }

  /// What its operations work in.
  public func checkLayouts(_ operands: [TensorType], _ results: [TensorType]) throws {}

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    throw Diagnostic("internal", "'fused' is evaluated with its region")
  }

  public func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] {
    guard let body = regions.first else { return [] }
    var values = Dictionary(uniqueKeysWithValues: zip(body.parameters, operands))
    try Evaluator.run(body, of: function, &values, sizes)
    return body.results.compactMap { values[$0] }
  }
}

extension Operation {
  /// Whether it is a group that becomes one kernel.
  public var isGroup: Bool { op is Fused }
}
