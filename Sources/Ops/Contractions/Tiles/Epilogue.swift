import TensorIR

/// Applies the operations behind an anchor to a finished tile, while it is in the first-level cache, and stores the group's
/// results.
struct Epilogue {
  let group: Group
  let anchor: Operation
  let evaluator: ElementEvaluator
  /// Rows of `width` columns.
  let tile: Buffer
  let width: Int
  /// The axes joined as far as the values read and written allow it; nil where operations are not pointwise.
  private let domain: LoopDomain?

  init(_ group: Group, _ anchor: Operation, _ evaluator: ElementEvaluator, tile: Buffer, width: Int) {
    self.group = group
    self.anchor = anchor
    self.evaluator = evaluator
    self.tile = tile
    self.width = width
    let behind = group.operationsBehind(anchor)
    let read = Set(behind.flatMap { $0.operands.compactMap { $0 } })
    let leaves = group.leaves.filter { read.contains($0) }
    let isPointwise = behind.allSatisfy(\.isPointwise)
    domain =
      isPointwise
      ? LoopDomain(
        group.type(of: anchor.results[0]), values: (leaves + group.outputs).map { ($0, group.type(of: $0)) },
        keepsInnermost: true) : nil
  }

  private var builder: KernelBuilder { evaluator.builder }
  private var type: TensorType { group.type(of: anchor.results[0]) }
  private var lanes: Int { evaluator.target.lanes(of: type.elementType) }

  /// - Parameters:
  ///   - row: the first row of the tile among all rows of the result.
  ///   - column: its first column.
  func write(
    _ results: [(ValueID, Buffer)], row: Expression, height: Expression, column: Expression, columns: Expression
  ) throws {
    let end = builder.declare("last", .minimum(columns, column + .integer(width)))
    let outer = outerExtents
    try builder.loop("r", to: height) { r in
      let places = LoopNest.positions(builder, builder.declare("line", row + r), outer)
      try LoopNest.vectors(evaluator, lanes: lanes, from: column, to: end) { place, count in
        let inTile = r * .integer(width) + (place.base - column)
        evaluator.bind(anchor.results[0]) { _ in .load(tile, inTile, lanes: place.step == 0 ? 1 : lanes) }
        for (id, buffer) in results {
          let (value, offset, step) = try element(id, places, place)
          guard place.step == 0 || step.constantIndex == 1 else { throw NotVectorizable() }
          let wide = place.step == 0 ? value : evaluator.widened(value, lanes: lanes)
          builder.store(buffer, offset, wide, count: count)
        }
      }
    }
  }

  private var outerExtents: [Dimension] {
    if let domain { return Array(domain.extents.dropLast()) }
    return type.layout.axes(rank: type.rank).dropLast().map { type.shape[$0] }
  }

  private func element(
    _ id: ValueID, _ places: [Expression], _ column: Index
  ) throws -> (Expression, Expression, step: Expression) {
    if let domain {
      let index = places.map { Index($0) } + [column]
      let value = try evaluator.joinedValue(id, at: index) { domain.offset($0, index, builder) }
      let (offset, step) = domain.offset(id, index, builder)
      return (value, offset, step)
    }
    let order = type.layout.axes(rank: type.rank)
    var index = [Index](repeating: .zero, count: type.rank)
    for (axis, position) in zip(order, places) { index[axis] = Index(position) }
    if let last = order.last { index[last] = column }
    let value = try evaluator.value(id, at: index)
    let (offset, step) = try evaluator.offset(group.type(of: id), at: index)
    return (value, offset, step)
  }
}

extension Group {
  /// The operations that are computed from the anchor's result.
  func operationsBehind(_ anchor: Operation) -> [Operation] {
    var known = Set(anchor.results)
    var before: Set<ValueID> = []
    var result: [Operation] = []
    for operation in operations where operation.results != anchor.results {
      if operation.operands.contains(where: { $0.map { known.contains($0) } ?? false }) {
        known.formUnion(operation.results)
        result.append(operation)
      } else {
        before.formUnion(operation.results)
      }
    }
    // What these read that is computed in the group, too: numbers and the like.
    let needed = Set(result.flatMap { $0.operands.compactMap { $0 } })
    let side = operations.filter { $0.results.contains { before.contains($0) && needed.contains($0) } }
    return side + result
  }
}
