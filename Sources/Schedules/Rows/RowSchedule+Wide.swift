import TensorIR
import TensorOps

/// Reductions of long rows into one row: the sums of a block of columns lie in the nearest cache, and rows are read in
/// whole stretches, a few at a time. Chunks of rows give partial sums, which are combined in the order of the chunks.
extension RowSchedule {
  /// One piece of work: columns of one row of the results.
  private struct Piece {
    /// The positions on the axes that stay, but for the columns; and their row-major number.
    var start: [Int: Index]
    var row: Expression
    var from: Expression
    var to: Expression
  }

  func writeWide(_ axis: Int, _ wide: WideColumns) throws {
    let chunks = wide.division.chunks
    func whole() throws { try evaluator.scope(lanes: 1) { try writeWhole(axis, wide) } }
    func parts() throws { try evaluator.scope(lanes: 1) { try writeParts(axis, wide) } }
    if let count = chunks.constant { return try count > 1 ? parts() : whole() }
    try builder.branch(.less(1, builder.extent(chunks)), then: parts, otherwise: whole)
  }

  /// One walk over all rows.
  private func writeWhole(_ axis: Int, _ wide: WideColumns) throws {
    try pieces(axis, blocks: wide.blocks, width: wide.width, chunks: nil) { piece, _ in
      let sums = try accumulate(axis, wide, piece)
      try storeResults(axis, piece) { position, column in
        try self.evaluator.load(sums[position], offset: column.base - piece.from, step: .integer(column.step))
      }
    }
  }

  /// A walk over each chunk of rows, and when all threads are through, a walk over the partial sums.
  private func writeParts(_ axis: Int, _ wide: WideColumns) throws {
    let division = wide.division
    let (chunks, kept) = (builder.extent(division.chunks), builder.extent(plan.keptCount))
    let columns = builder.extent(plan.domain.shape[axis])
    let isSplit = Dimension.minimum(1, division.chunks.floorDivided(by: 2))
    let partial = reductions(1).map {
      kernel.scratch("partial", sumType($0), count: division.chunks * plan.keptCount * isSplit, perThread: false)
    }
    try pieces(axis, blocks: wide.blocks, width: wide.width, chunks: chunks) { piece, number in
      let first = builder.declare("first", number * builder.extent(division.size))
      let behind = Expression.minimum(first + builder.extent(division.size), builder.extent(division.extent))
      let sums = try within(division, (number, first, builder.declare("behind", behind))) {
        try accumulate(axis, wide, piece)
      }
      try self.columns(piece) { column in
        for (sums, partial) in zip(sums, partial) {
          let sum = try evaluator.load(sums, offset: column.base - piece.from, step: .integer(column.step))
          let place = number * kept + (piece.row * columns + column.base)
          builder.store(partial, place, sum, count: column.step == 0 ? nil : evaluator.partialCount)
        }
      }
    }
    builder.emit(.barrier)
    let width = Dimension(lanes * tuning.columnVectors)
    let blocks = plan.domain.shape[axis].ceilingDivided(by: width)
    try pieces(axis, blocks: blocks, width: width, chunks: nil) { piece, _ in
      try storeResults(axis, piece) { position, column in
        let place = piece.row * columns + column.base
        return try self.combined(position, partial[position], chunks, kept, place, step: column.step)
      }
    }
  }

  /// The partial sums of all chunks, in order.
  private func combined(
    _ position: Int, _ partial: Buffer, _ chunks: Expression, _ kept: Expression, _ place: Expression, step: Int
  ) throws -> Expression {
    guard let op = reductions(1)[position].op as? any ReductionOp else { throw NotVectorizable() }
    let type = LoopType(partial.element, lanes: step == 0 ? 1 : lanes)
    if step != 0 { try evaluator.requireVectors(type.element) }
    let sum = builder.mutable("sum", identity(op, type))
    try builder.loop("k", to: chunks) { chunk in
      let next = try evaluator.load(partial, offset: chunk * kept + place, step: .integer(step))
      builder.assign(sum, op.combine(.variable(sum), next, type))
    }
    return .variable(sum)
  }

  // MARK: Sums

  /// Arrays with the sums over the rows of a chunk, or all rows, for the columns of a piece.
  private func accumulate(_ axis: Int, _ wide: WideColumns, _ piece: Piece) throws -> [Buffer] {
    let arrays = reductions(1).map { builder.array("sums", sumType($0), count: wide.mostColumns) }
    try columns(piece) { column in
      for (operation, sums) in zip(reductions(1), arrays) {
        guard let op = operation.op as? any ReductionOp else { continue }
        let type = LoopType(sums.element, lanes: evaluator.lanes)
        if type.lanes > 1 { try evaluator.requireVectors(type.element) }
        builder.store(sums, column.base - piece.from, identity(op, type))
      }
    }
    try rowGroups(piece.start) { places in
      try columns(piece) { column in
        let own = places.map { $0.merging([axis: column]) { $1 } }
        try prefetchNextRows(own, axis)
        for (operation, sums) in zip(reductions(1), arrays) {
          try add(operation, own, to: sums, at: column.base - piece.from)
        }
      }
    }
    return arrays
  }

  /// Adds elements of several rows to the sums of a vector of columns. The last vector of a block is a whole one in the
  /// array, whatever its lanes behind the last column hold.
  private func add(_ operation: Operation, _ places: [[Int: Index]], to sums: Buffer, at place: Expression) throws {
    guard let op = operation.op as? any ReductionOp else { return }
    let type = LoopType(sums.element, lanes: evaluator.lanes)
    if type.lanes > 1 { try evaluator.requireVectors(type.element) }
    var values = try places.map { try element(of: operation, at: $0, type) }
    while values.count > 1 {
      values = stride(from: 0, to: values.count, by: 2).map { first in
        first + 1 < values.count ? op.combine(values[first], values[first + 1], type) : values[first]
      }
    }
    builder.store(sums, place, op.combine(.load(sums, place, lanes: type.lanes), values[0], type))
  }

  private func sumType(_ reduction: Operation) -> ElementType {
    plan.group.type(of: reduction.operands[0]).elementType.computeType
  }

  // MARK: Loops

  /// Divides blocks of columns, and chunks of rows, between the threads; blocks beside each other come one after the other.
  private func pieces(
    _ axis: Int, blocks: Dimension, width: Dimension, chunks: Expression?,
    _ body: (Piece, _ chunk: Expression) throws -> Void
  ) throws {
    let outer = plan.keptAxes.filter { $0 != axis }
    let extents = outer.map { plan.domain.shape[$0] }
    let rows = builder.extent(extents.reduce(1, *))
    let (inRow, size) = (builder.extent(blocks), builder.extent(width))
    try builder.parallel("piece", count: rows * (chunks ?? 1) * inRow) { number in
      let part = builder.declare("part", number / inRow)
      let row = outer.isEmpty ? 0 : builder.declare("row", part / (chunks ?? 1))
      let chunk = chunks.map { builder.declare("chunk", outer.isEmpty ? part : part % $0) } ?? 0
      var start: [Int: Index] = [:]
      for (own, place) in zip(outer, LoopNest.positions(builder, row, extents)) { start[own] = Index(place) }
      let from = builder.declare("from", number % inRow * size)
      let to = builder.declare("to", .minimum(from + size, builder.extent(plan.domain.shape[axis])))
      try body(Piece(start: start, row: row, from: from, to: to), chunk)
    }
  }

  /// Loops over the rows that are reduced, several at a time, then one by one.
  private func rowGroups(_ start: [Int: Index], _ body: ([[Int: Index]]) throws -> Void) throws {
    guard let last = plan.reducedAxes.last else { return try body([start]) }
    let (from, to) = innermostPlaces(last)
    let size = tuning.rowsAtOnce
    try outerLoops(start) { outer in
      func group(_ k: Expression, _ count: Int) throws {
        try body((0..<count).map { row in outer.merging([last: Index(k + .integer(row))]) { $1 } })
      }
      let whole = builder.declare("whole", to - (to - from) % .integer(size))
      try builder.loop("k", from: from, to: whole, step: .integer(size)) { try group($0, size) }
      try builder.loop("k", from: whole, to: to) { try group($0, 1) }
    }
  }

  /// Loops over the columns of a piece by vectors, or one by one where there are none.
  private func columns(_ piece: Piece, _ body: (Index) throws -> Void) throws {
    try LoopNest.vectors(evaluator, lanes: lanes, from: piece.from, to: piece.to) { column, _ in try body(column) }
  }

  /// Computes and stores the results for the columns of a piece, given the totals of each reduction.
  private func storeResults(
    _ axis: Int, _ piece: Piece, _ total: (_ reduction: Int, _ column: Index) throws -> Expression
  ) throws {
    try columns(piece) { column in
      for (position, operation) in reductions(1).enumerated() {
        let sum = builder.declare("total", try total(position, column))
        evaluator.bind(operation.results[0]) { _ in sum }
      }
      try writeRowValues(piece.start.merging([axis: column]) { $1 })
    }
  }
}
