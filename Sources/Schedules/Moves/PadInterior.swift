import TensorIR
import TensorOps

/// Cuts a loop along the innermost axis where the margins of a ``Pad`` begin and end: vectors inside, scalars in the
/// margins.
struct PadInterior {
  private let evaluator: ElementEvaluator
  private let axis: Int
  private let pad: (value: ValueID, before: Dimension, extent: Dimension)?

  init(_ group: Group, _ evaluator: ElementEvaluator, _ type: TensorType, axis: Int) {
    self.evaluator = evaluator
    self.axis = axis
    pad =
      group.operations.lazy.compactMap { operation in
        guard let before = group.accessMap(operation)?.interior(axis: axis),
          group.type(of: operation.results[0]).shape == type.shape
        else { return nil }
        return (operation.results[0], before, group.type(of: operation.operands[0]).shape[axis])
      }.first
  }

  /// The loop from one column to another, in vectors as far as possible.
  func vectors(
    lanes: Int, _ from: Expression, _ to: Expression, _ body: (Index, _ count: Expression?) throws -> Void
  ) throws {
    guard let pad else { return try LoopNest.vectors(evaluator, lanes: lanes, from: from, to: to, body) }
    let builder = evaluator.builder
    let before = builder.extent(pad.before)
    let low = builder.declare("low", .maximum(from, .minimum(before, to)))
    let high = builder.declare("high", .maximum(low, .minimum(before + builder.extent(pad.extent), to)))
    try LoopNest.scalars(evaluator, from: from, to: low, body)
    defer { evaluator.inside = nil }
    try evaluator.scope(lanes: evaluator.lanes) {
      try LoopNest.vectors(evaluator, lanes: lanes, from: low, to: high) { column, count in
        evaluator.inside = (pad.value, axis, column)
        try body(column, count)
      }
    }
    evaluator.inside = nil
    try LoopNest.scalars(evaluator, from: high, to: to, body)
  }
}
