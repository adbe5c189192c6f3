import TensorIR

/// The same tensor in memory of its own.
public struct Copy: ElementOp {
  public static let name = "copy"
  public static let summary = "The same tensor in memory of its own."
  public static let signature = Signature.operands(1)
  public init() {}

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    [operands[0].plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [operands[0]]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .read(.identity(rank: result.rank))
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0]] }
  }
}
