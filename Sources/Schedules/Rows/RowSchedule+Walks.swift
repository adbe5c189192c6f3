import TensorIR
import TensorOps

/// The walks over a row. How elements are combined depends on the shape alone, so the bits do too.
extension RowSchedule {
  // MARK: Along the innermost axis

  /// A stage over one row: several vectors of partial sums, whose lanes are combined at the end.
  func walkRow(_ stage: Int, _ row: [Int: Index]) throws {
    let wide =
      try ifVectors { try builder.blockWithResult { try vectors(stage, row, masksTail: true) } }
      ?? ifVectors { try builder.blockWithResult { try vectors(stage, row, masksTail: false) } }
    let totals = try wide ?? builder.blockWithResult { try scalars(stage, row) }
    for (operation, total) in zip(reductions(stage), totals) { evaluator.bind(operation.results[0]) { _ in total } }
  }

  private func vectors(_ stage: Int, _ row: [Int: Index], masksTail: Bool) throws -> [Expression] {
    guard let last = plan.reducedAxes.last else { throw NotVectorizable() }
    let parts = vectorsAtOnce(stage, plan.domain.shape[last])
    let sums = try reductions(stage).map { operation in
      try (0..<parts).map { try sum(operation, lanes: lanes, "sum\($0)") }
    }
    let rest = masksTail ? [] : try reductions(stage).map { try sum($0, lanes: 1, "rest") }
    let (from, to) = innermostPlaces(last)
    let prefetched = prefetchedLeaves(stage)
    try outerLoops(row) { outer in
      func visit(_ place: Index, part: Int) throws {
        try evaluator.scope(lanes: lanes) {
          try prefetch(prefetched, outer.merging([last: place]) { $1 })
          try self.visit(stage, outer.merging([last: place]) { $1 }, first: row, sums: sums.map { $0[part] })
        }
      }
      let block = Expression.integer(parts * lanes)
      let whole = builder.declare("whole", to - (to - from) % block)
      try loop(from: from, to: whole, step: block) { j in
        for part in 0..<parts { try visit(Index(j + .integer(part * lanes), step: 1), part: part) }
      }
      let single = builder.declare("single", to - (to - from) % .integer(lanes))
      if parts > 1 {
        try loop(from: whole, to: single, step: .integer(lanes)) { try visit(Index($0, step: 1), part: 0) }
      }
      if masksTail {
        try maskedTail(stage, outer, last, from: single, to: to, first: row, sums: sums.map { $0[0] })
      } else {
        try loop(from: single, to: to) { j in
          try evaluator.scope(lanes: 1) {
            try self.visit(stage, outer.merging([last: Index(j)]) { $1 }, first: row, sums: rest)
          }
        }
      }
    }
    return try reductions(stage).indices.map {
      try total(reductions(stage)[$0], sums[$0], rest.isEmpty ? nil : rest[$0])
    }
  }

  /// The last vector of a row, of which only the first lanes count.
  private func maskedTail(
    _ stage: Int, _ outer: [Int: Index], _ last: Int, from: Expression, to: Expression, first: [Int: Index],
    sums: [Variable]
  ) throws {
    if let low = from.constantIndex, let high = to.constantIndex, low >= high { return }
    try builder.branch(.less(from, to)) {
      let count = builder.declare("count", to - from)
      try evaluator.scope(lanes: lanes, partial: count) {
        try visit(stage, outer.merging([last: Index(from, step: 1)]) { $1 }, first: first, sums: sums, tail: count)
      }
    }
  }

  /// How many vectors a step of the loop takes: several sums hide the latency of an addition.
  private func vectorsAtOnce(_ stage: Int, _ extent: Dimension) -> Int {
    let count = reductions(stage).count
    let wish = count == 0 ? 1 : count == 1 ? 4 : 2
    guard let extent = extent.constant else { return wish }
    return max(1, min(wish, extent / lanes))
  }

  private func total(_ operation: Operation, _ sums: [Variable], _ rest: Variable?) throws -> Expression {
    guard let op = operation.op as? any ReductionOp else { throw NotVectorizable() }
    var parts = sums.map { Expression.variable($0) }
    while parts.count > 1 {
      let half = (parts.count + 1) / 2
      parts = (0..<half).map { place in
        place + half < parts.count ? op.combine(parts[place], parts[place + half], sums[0].type) : parts[place]
      }
    }
    let type = LoopType(sums[0].type.element)
    let vector = Expression.reduce(op.laneReduction, builder.declare("sums", parts[0]))
    return builder.declare("total", rest.map { op.combine(vector, .variable($0), type) } ?? vector)
  }

  private func scalars(_ stage: Int, _ row: [Int: Index]) throws -> [Expression] {
    let sums = try reductions(stage).map { try sum($0, lanes: 1, "total") }
    try allLoops(row) { place in
      try evaluator.scope(lanes: 1) { try visit(stage, place, first: row, sums: sums) }
    }
    return sums.map { .variable($0) }
  }

  // MARK: Across the innermost axis

  /// A stage over neighbouring columns, side by side in vectors.
  func walkColumns(_ stage: Int, _ columns: [[Int: Index]]) throws {
    guard let axis = plan.columnAxis, let first = columns.first else { return }
    let list = reductions(stage)
    let count = first[axis]?.step == 0 ? 1 : lanes
    let sums = try columns.map { _ in try list.map { try sum($0, lanes: count, "sum") } }
    try allLoops([:]) { place in
      try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
        for (column, sums) in zip(columns, sums) {
          try visit(stage, column.merging(place) { $1 }, first: first, sums: sums)
        }
      }
    }
    for (position, operation) in list.enumerated() {
      let own = columnAxis(of: operation, axis)
      columnSums[operation.results[0]] = sums.map { $0[position] }
      evaluator.bind(operation.results[0]) { index in
        let column = columns.firstIndex { $0[axis] == index[own] } ?? 0
        return .variable(sums[column][position])
      }
    }
  }

  // MARK: Loops

  /// - Throws: where there are no vectors of so many lanes, even if the row is too short for one.
  private func sum(_ operation: Operation, lanes: Int, _ name: String) throws -> Variable {
    let type = LoopType(plan.group.type(of: operation.operands[0]).elementType.computeType, lanes: lanes)
    if lanes > 1 { try evaluator.scope(lanes: lanes) { try evaluator.requireVectors(type.element) } }
    guard let op = operation.op as? any ReductionOp else { return builder.mutable(name, .constant(0, type)) }
    return builder.mutable(name, identity(op, type))
  }

  /// Loops over all reduced axes, adding each position.
  private func allLoops(_ place: [Int: Index], _ body: ([Int: Index]) throws -> Void) throws {
    guard let last = plan.reducedAxes.last else { return try body(place) }
    let (from, to) = innermostPlaces(last)
    try outerLoops(place) { outer in
      try builder.loop("k", from: from, to: to) { try body(outer.merging([last: Index($0)]) { $1 }) }
    }
  }

  /// A loop, unless it is known to have no step.
  private func loop(
    from: Expression, to: Expression, step: Expression = 1, _ body: (Expression) throws -> Void
  ) throws {
    if let low = from.constantIndex, let high = to.constantIndex, low >= high { return }
    try builder.loop("j", from: from, to: to, step: step, body)
  }
}
