import TensorIR

/// Applies the operations behind a matrix product to a finished tile, while it is in the first-level cache, and stores the
/// group's results.
struct Epilogue {
  let group: Group
  let anchor: Operation
  let evaluator: ElementEvaluator
  let tile: Buffer
  let shape: TileShape

  private var builder: KernelBuilder { evaluator.builder }

  /// - Parameters:
  ///   - row: the first row of the tile among all rows of the result.
  ///   - column: its first column.
  func write(
    _ results: [(ValueID, Buffer)], row: Expression, height: Expression, column: Expression, columns: Expression
  ) throws {
    let type = group.type(of: anchor.results[0])
    let lanes = evaluator.target.lanes(of: type.elementType)
    let width = shape.vectors * lanes
    let order = type.layout.axes(rank: type.rank)
    let outer = order.dropLast().map { type.shape[$0] }
    try builder.loop("r", to: height) { r in
      let places = LoopNest.positions(builder, builder.declare("line", row + r), Array(outer))
      let end = builder.declare("last", .minimum(columns, column + .integer(width)))
      try LoopNest.vectors(evaluator, lanes: lanes, from: column, to: end) { place, count in
        let inTile = r * .integer(width) + (place.base - column)
        evaluator.bind(anchor.results[0]) { _ in .load(tile, inTile, lanes: place.step == 0 ? 1 : lanes) }
        var index = [Index](repeating: .zero, count: type.rank)
        for (axis, position) in zip(order, places) { index[axis] = Index(position) }
        if let last = order.last { index[last] = place }
        for (id, buffer) in results {
          let value = try evaluator.value(id, at: index)
          let (offset, step) = try evaluator.offset(group.type(of: id), at: index)
          guard place.step == 0 || step.constantIndex == 1 else { throw NotVectorizable() }
          let wide = place.step == 0 ? value : evaluator.widened(value, lanes: lanes)
          builder.store(buffer, offset, wide, count: count)
        }
      }
    }
  }
}
