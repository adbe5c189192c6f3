import TensorIR

/// One rank's tensor on every rank (MPI `Bcast`).
public struct Broadcast: CollectiveOp {
  public static let name = "broadcast"
  public static let summary = "The tensor of one rank, the root, on every rank."
  public static let signature = Signature.operands(1)
  public var root: Int
  public init(root: Int = 0) { self.root = root }

  public var kind: Step.Collective.Kind { .broadcast }

  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try require(elements: operands[0])
    try require(root: root)
    return [operands[0].plain]
  }

  public func differentiate(_ operands: [Tensor]) throws -> Differentiated {
    Differentiated(try Tensor.record(self, operands)) { [$0[0]?.reduced(toRank: root)] }
  }
}

extension Tensor {
  /// The tensor of one rank on every rank (MPI `Bcast`).
  ///
  /// All ranks must come to it, with tensors of one type. The gradient of the root's tensor adds up what all ranks hand back;
  /// that of the others' is zero.
  public func broadcast(
    fromRank root: Int, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { .one(Broadcast(root: root), self, at: .caller(file, line, column)) }
}
