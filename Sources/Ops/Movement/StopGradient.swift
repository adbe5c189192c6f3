import TensorIR

/// The operand itself, through which no gradient passes (Burn `detach`). Nothing is left of it in a compiled function: a
/// rule takes it out once gradients have been taken.
public struct StopGradient: ElementOp, NotDifferentiable {
  public static let name = "stop_gradient"
  public static let summary = "The operand itself, through which no gradient passes."
  public static let signature = Signature.operands(1)
  public init() {}

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    return [operands[0].plain]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    [operands[0]]
  }

  public func source(_ operands: [TensorType], _ result: TensorType) -> ElementSource {
    .read(.identity(rank: result.rank))
  }
}

extension Tensor {
  /// The same values; the gradient of what is made of them stops here.
  public func stoppingGradient() -> Tensor { .one(StopGradient(), self) }
}
