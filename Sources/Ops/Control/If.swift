import TensorIR

/// One of two regions, as a boolean says (ONNX `If`). The other one has no effect: what would go wrong in it does not.
///
/// The first operand is the condition; both regions take the others.
public struct If: ControlOp {
  public static let name = "if"
  public static let summary =
    "The results of its first region where a boolean scalar is true, else those of its second."
  public init() {}

  public static let signature = Signature(
    operands: 1...(.max), results: 0...(.max),
    regions: [
      RegionSignature("first region", parameters: .operands(from: 1)),
      RegionSignature("second region", parameters: .operands(from: 1)),
    ])

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try If.require(condition: operands[0])
    try If.require(
      context.regions[1].results, equal: context.regions[0].results, "the second region of 'if' gives")
    return context.regions[0].results.map(\.plain)
  }

  public func evaluate(
    _ operands: [ReferenceTensor], _ types: [TensorType], regions: [Region], of function: Function,
    _ sizes: [String: Int]
  ) throws -> [ReferenceTensor] {
    let taken = regions[operands[0].integers[0] != 0 ? 0 : 1]
    return try Evaluator.run(taken, of: function, arguments: Array(operands.dropFirst()), sizes)
  }

  public func lower(_ operation: Operation, into sink: any ControlSink) throws {
    let operands = try operation.operands.map { try $0.map { try sink.buffer(of: $0) } }
    let results = try operation.results.map { try sink.buffer(of: $0) }
    guard let condition = operands[0] else { throw Diagnostic("internal", "'if' has no condition") }
    let steps = try operation.regions.map {
      try sink.steps(of: $0, parameters: Array(operands.dropFirst()), results: results)
    }
    sink.add(.branch(Step.Branch(condition, then: steps[0], otherwise: steps[1])))
  }
}
