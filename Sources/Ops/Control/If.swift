import TensorIR

/// One of two regions, as a boolean says (ONNX `If`). The other one has no effect: what would go wrong in it does not.
///
/// The first operand is the condition; both regions take the others. Where the regions' results differ in an extent, that
/// of the result is a size which the run finds.
public struct If: ControlOp {
  public static let name = "if"
  public static let summary =
    "The results of its first region where a boolean scalar is true, else those of its second."
  /// The computed symbols for the extents in which the regions differ, in order; none where they do not.
  public var sizes: [Dimension]?

  public init(sizes: [Dimension]? = nil) { self.sizes = sizes.flatMap { $0.isEmpty ? nil : $0 } }

  public static let signature = Signature(
    operands: 1...(.max), results: 0...(.max),
    regions: [
      RegionSignature("first region", parameters: .operands(from: 1), results: .inferred),
      RegionSignature("second region", parameters: .operands(from: 1), results: .inferred),
    ])

  public var definedSizes: [String] { (sizes ?? []).compactMap(\.symbolName) }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try If.require(condition: operands[0])
    let (first, second) = (context.regions[0].results, context.regions[1].results)
    guard let sizes, sizes.count == definedSizes.count else {
      try If.require(second, equal: first, "the second region of 'if' gives")
      return first.map(\.plain)
    }
    var rest = sizes[...]
    let results = zip(first, second).map { a, b -> TensorType in
      guard a.rank == b.rank else { return a }
      return a.plain.with(shape: zip(a.shape, b.shape).map { $0 == $1 ? $0 : rest.popFirst() ?? $0 })
    }
    let widened = zip(second, results).map { $0.rank == $1.rank ? $0.plain.with(shape: $1.shape) : $0 }
    try If.require(widened, equal: results, "the second region of 'if' gives")
    guard first.count == second.count, rest.isEmpty else {
      throw Diagnostic("region-type", "the regions of 'if' differ in fewer extents than it has sizes")
    }
    return results
  }

  public func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] {
    let taken = regions[operands[0].integers[0] != 0 ? 0 : 1]
    return try Evaluator.run(taken, of: function, arguments: Array(operands.dropFirst()), sizes)
  }
}
