import TensorIR

/// The tensors of all ranks, stacked (MPI `Allgather`), on every rank.
public struct AllGather: CollectiveOp {
  public static let name = "all_gather"
  public static let summary = "The tensors of all ranks along a new first axis, on every rank."
  public static let signature = Signature.operands(1)
  /// How many ranks there are, which a run is held to.
  public var count: Dimension
  public init(ranks: Dimension) { count = ranks }

  public var kind: Step.Collective.Kind { .allGather }
  public var ranks: Dimension? { count }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try require(elements: operands[0])
    try context.require(SizeCondition(1, .atMost, count), "'all_gather' is for \(count) ranks; there is at least one")
    return [TensorType(operands[0].elementType, [count] + operands[0].shape)]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0]?.reduceScattered()] }
  }
}

extension Tensor {
  /// The tensors of all ranks along a new first axis, on every rank (MPI `Allgather`): [ranks, …].
  ///
  /// All ranks must come to it, with tensors of one type. The gradient of a rank's part adds up what all ranks hand back for
  /// it.
  /// - Parameter ranks: how many ranks there are; a run with another number of them is refused.
  public func allGathered(
    ranks: Dimension, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(AllGather(ranks: ranks), self, at: .caller(file, line, column)) }
}
