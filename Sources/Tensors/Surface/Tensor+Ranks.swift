import TensorIR
import TensorOps
import TensorRuntime

extension Tensor {
  /// The tensors of all ranks along a new first axis, on every rank: [ranks, …], for as many ranks as there are now.
  ///
  /// All ranks must come to it, with tensors of one type. See ``allGathered(ranks:)``.
  public func allGathered(
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor { allGathered(ranks: Dimension(Ranks.current.count), file: file, line: line, column: column) }
}
