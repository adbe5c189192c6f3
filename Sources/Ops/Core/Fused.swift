import TensorIR

/// Operations that become one kernel; its body has at most one that is not computed element by element.
public struct Fused: RegionOp, NotDifferentiable {
  public static let name = "fused"
  public static let summary = "Operations that are compiled into one kernel."
  public static let contractExclusion: String? = "the compiler makes it; groups are tried by tests of their own"
  /// The types of the results, layouts included.
  public var shapes: [[Dimension]]
  public var elementTypes: [ElementType]

  public init(_ types: [TensorType]) {
    shapes = types.map(\.shape)
    elementTypes = types.map(\.elementType)
  }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    zip(elementTypes, shapes).map { TensorType($0, $1) }
  }

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
