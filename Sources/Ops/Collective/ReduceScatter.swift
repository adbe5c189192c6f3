import TensorIR

/// Of the elements of all ranks combined, each rank's own part (MPI `Reduce_scatter_block`).
public struct ReduceScatter: CollectiveOp {
  public static let name = "reduce_scatter"
  public static let summary =
    "The elements of all ranks combined, of which each rank gets those of its own index along the first axis."
  public static let signature = Signature.operands(1)
  public var reduction: RankReduction
  /// How many ranks there are, the extent of the first axis.
  public var count: Dimension
  public init(_ reduction: RankReduction = .sum, ranks: Dimension) { (self.reduction, count) = (reduction, ranks) }

  public var kind: Step.Collective.Kind { .reduceScatter }
  public var ranks: Dimension? { count }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try require(elements: operands[0])
    guard let first = operands[0].shape.first else {
      throw Diagnostic(
        "shape-mismatch", "'reduce_scatter' takes a part for each rank along the first axis, not a scalar")
    }
    try context.require(first, equals: count, "'reduce_scatter' is for \(count) ranks and is given parts for \(first)")
    return [TensorType(operands[0].elementType, Array(operands[0].shape.dropFirst()))]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    guard reduction != .maximum else {
      throw Diagnostic("not-differentiable", "'reduce_scatter' of maxima has no gradient; take 'all_reduce'")
    }
    return Differentiated(try Tensor.record(self, operands)) { cotangents in
      guard let gathered = cotangents[0]?.allGathered(ranks: count) else { return [nil] }
      guard reduction == .mean else { return [gathered] }
      return [gathered / gathered.full(1, []).allReduced()]
    }
  }
}

extension Tensor {
  /// The elements of all ranks combined, of which each rank gets those of its own index along the first axis (MPI
  /// `Reduce_scatter_block`): [ranks, …] becomes […].
  ///
  /// All ranks must come to it, with tensors of one type. The gradient is what all ranks hand back, stacked. A run with another
  /// number of ranks than the first axis is long is refused. f16 and bf16 are combined in f32.
  public func reduceScattered(
    _ reduction: RankReduction = .sum, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    combined(
      ReduceScatter(reduction, ranks: isPoison ? 1 : shape.first ?? 1), at: .caller(file, line, column))
  }
}
