import TensorIR
import TensorOps

/// Sizes that a run finds, made where an operator's shape follows from data.
extension NodeConversion {
  /// A size for a number that the function computes.
  /// - Parameter bound: what it never exceeds; nil where that is not known.
  func size(_ stem: String, of count: Tensor, bound: Dimension?) throws -> Dimension {
    let most = bound.flatMap { symbols.bound(of: $0) }
    let symbol = graph.freshSize(stem, bound: most)
    graph.recorder.declare(symbol)
    _ = try graph.recorder.add(Size(Dimension(symbol: symbol.name)), [reshape(cast(count, to: .i64), [])])
    return Dimension(symbol: symbol.name)
  }
}

extension NodeConversion {
  /// Where the elements that are not zero stand, one column for each.
  func nonzero(_ x: Tensor) throws -> Tensor {
    let count = try size("nonzero", of: x.nonzeroCount(), bound: x.type.count)
    return try add(Nonzero(count: count), x)
  }
}
