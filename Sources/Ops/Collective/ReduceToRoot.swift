import TensorIR

/// The elements of all ranks added up on one of them (MPI `Reduce`), zeros on the others.
public struct ReduceToRoot: CollectiveOp {
  public static let name = "reduce_to_root"
  public static let summary = "The sum of the elements of all ranks on one of them, the root; zeros on the others."
  public static let signature = Signature.operands(1)
  public var root: Int
  public init(root: Int = 0) { self.root = root }

  public var kind: Step.Collective.Kind { .reduceToRoot }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try require(elements: operands[0])
    try require(root: root)
    return [operands[0].plain]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0]?.broadcast(fromRank: root)] }
  }
}

extension Tensor {
  /// The sum of the elements of all ranks on one of them, zeros on the others (MPI `Reduce`).
  ///
  /// All ranks must come to it, with tensors of one type. Every rank's gradient is the root's. f16 and bf16 are added up in f32.
  public func reduced(
    toRank root: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { combined(ReduceToRoot(root: root), at: .caller(file, line, column)) }
}
