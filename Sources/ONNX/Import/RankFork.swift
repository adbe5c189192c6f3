import TensorIR
import TensorOps

/// A node whose result has one rank or another, as a condition says which is known when the model runs. A rank is no size:
/// what comes behind the node is imported twice, for each of the ranks, and a run goes one way, if the ranks meet again
/// in what the graph gives.
struct RankFork: Error, @unchecked Sendable {
  /// A boolean scalar.
  var condition: Tensor
  /// The node's results where it is true, and where it is false.
  var sides: [() throws -> [ImportedValue]]
  /// The results where only one side can go on; the run checks that it is that one.
  var assume: (Bool) throws -> [ImportedValue]
  /// The results where neither can, or both and the ranks do not meet.
  var usual: () throws -> [ImportedValue]

  /// Each fork may double what comes behind it.
  static let (most, longest) = (3, 400)
}
