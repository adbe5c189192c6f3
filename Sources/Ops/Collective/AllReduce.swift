import TensorIR

/// The elements of all ranks combined (MPI `Allreduce`), on every rank.
public struct AllReduce: CollectiveOp {
  public static let name = "all_reduce"
  public static let summary = "The elements of all ranks combined, in the order of the ranks, on every rank."
  public static let signature = Signature.operands(1)
  public var reduction: RankReduction
  public init(_ reduction: RankReduction = .sum) { self.reduction = reduction }

  public var kind: Step.Collective.Kind { .allReduce }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try require(elements: operands[0])
    return [operands[0].plain]
  }

  /// Each rank's result depends on each rank's operand. Ranks with the same greatest element share its gradient.
  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    let (x, results) = (operands[0], try Tensor.record(self, operands))
    return Differentiated(results) { cotangents in
      guard let cotangent = cotangents[0] else { return [nil] }
      guard reduction == .maximum else { return [cotangent.allReduced(reduction)] }
      let isGreatest = (x .== results[0]).cast(to: x.elementType)
      return [cotangent.allReduced() * isGreatest / isGreatest.allReduced()]
    }
  }
}

extension Tensor {
  /// The elements of all ranks combined, in the order of the ranks, on every rank (MPI `Allreduce`).
  ///
  /// All ranks must come to it, with tensors of one type. Without other ranks it is the tensor itself. The gradient adds up
  /// what all ranks' results hand back. f16 and bf16 are combined in f32.
  /// - Parameter reduction: `.mean` takes floats alone.
  public func allReduced(
    _ reduction: RankReduction = .sum, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { combined(AllReduce(reduction), at: .caller(file, line, column)) }
}
