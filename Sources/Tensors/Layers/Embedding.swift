import TensorIR
import TensorOps

/// A table of vectors, [entries, size], picked by integers: indices [n, l] give [n, l, size].
public struct Embedding: Module, Sendable {
  public var weight: Tensor

  /// Entries normally distributed with deviation 1.
  public init(_ entries: Int, _ size: Int, random: inout RandomNumbers) { weight = random.normal([entries, size]) }

  public func callAsFunction(
    _ indices: Tensor, file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Tensor {
    located(indices, weight, file: file, line: line, column: column) { weight.gather(indices) }
  }
}
