import TensorIR
import TensorOps

/// Writes the kernel of a group of reductions over the same axes. Threads divide the rows; each row is walked once for
/// every stage, while it is still in the nearest cache.
final class RowSchedule {
  let plan: RowPlan
  var kernel: GroupKernel
  /// How many lanes vectors have.
  let lanes: Int
  /// How many neighbouring rows are walked together: 1 where the innermost axis is reduced.
  private let width: Int
  private var scratch: [ValueID: Buffer] = [:]
  /// How rows are divided, where each kernel call gives partial results for chunks of rows; nil for whole rows.
  private var division: RowDivision?
  /// How long rows are cut that stay side by side; nil where neighbouring columns are walked down in registers.
  private let wide: WideColumns?
  /// The chunk of the row at hand: its number, and the places that belong to it.
  private(set) var chunk: (number: Expression, from: Expression, to: Expression)?

  /// The totals of the columns at hand, for each reduction that was walked.
  var columnSums: [ValueID: [Variable]] = [:]

  init(_ plan: RowPlan, _ sink: any KernelSink, division: RowDivision? = nil) throws {
    self.plan = plan
    self.division = division
    kernel = try GroupKernel(plan.group, sink)
    lanes = kernel.lanes(plan.domain)
    width = plan.columnAxis == nil ? 1 : lanes * sink.target.tuning.rows.columnVectors
    wide = division == nil ? WideColumns(plan, lanes: lanes, sink.target.tuning.rows) : nil
    for element in plan.saved.flatMap({ $0 }) {
      let type = plan.group.type(of: element.value).elementType.computeType
      scratch[element.value] = kernel.scratch("row", type, count: plan.rowCount * Dimension(width))
    }
  }

  var builder: KernelBuilder { kernel.builder }
  var tuning: Tuning.Rows { builder.target.tuning.rows }
  var evaluator: ElementEvaluator { kernel.evaluator }

  func lower() throws {
    if division == nil { kernel.streamResults() }
    switch (plan.columnAxis, wide) {
    case (nil, _): try writeRows()
    case (let axis?, let wide?): try writeWide(axis, wide)
    case (let axis?, nil): try writeColumns(axis)
    }
    kernel.finish(work: plan.domain.count * Dimension(Work.element * max(plan.group.operations.count, 1)))
  }

  /// Divides rows, or the chunks of rows, between the threads.
  private func pieces(_ name: String, count: Expression, _ body: (Expression) throws -> Void) throws {
    guard let division else { return try builder.parallel(name, count: count, body) }
    let (chunks, size) = (builder.extent(division.chunks), builder.extent(division.size))
    try builder.parallel("part", count: count * chunks) { part in
      let number = builder.declare("chunk", part % chunks)
      let from = builder.declare("first", number * size)
      let to = builder.declare("behind", .minimum(from + size, builder.extent(division.extent)))
      chunk = (number, from, to)
      defer { chunk = nil }
      try body(builder.declare(name, part / chunks))
    }
  }

  /// What `body` gives while rows are walked from … to alone.
  func within<T>(
    _ division: RowDivision, _ chunk: (number: Expression, from: Expression, to: Expression), _ body: () throws -> T
  ) rethrows -> T {
    (self.division, self.chunk) = (division, chunk)
    defer { (self.division, self.chunk) = (nil, nil) }
    return try body()
  }

  // MARK: The innermost axis is reduced

  private func writeRows() throws {
    let extents = plan.keptAxes.map { plan.domain.shape[$0] }
    try pieces("row", count: builder.extent(plan.keptCount)) { row in
      var place: [Int: Index] = [:]
      for (axis, own) in zip(plan.keptAxes, LoopNest.positions(builder, row, extents)) { place[axis] = Index(own) }
      try evaluator.scope(lanes: 1) { try writeStages([place]) }
    }
  }

  // MARK: The innermost axis stays

  /// Blocks of neighbouring columns; the last block of a row goes vector by vector.
  private func writeColumns(_ axis: Int) throws {
    let outer = plan.keptAxes.filter { $0 != axis }
    let columns = builder.extent(plan.domain.shape[axis])
    let block = Expression.integer(width)
    let blocks = builder.declare("blocks", (columns + .integer(width - 1)) / block)
    let rows = builder.extent(outer.map { plan.domain.shape[$0] }.reduce(1, *))
    try pieces("piece", count: rows * blocks) { piece in
      var start: [Int: Index] = [:]
      let row = outer.isEmpty ? Expression.integer(0) : builder.declare("row", piece / blocks)
      for (own, place) in zip(outer, LoopNest.positions(builder, row, outer.map { plan.domain.shape[$0] })) {
        start[own] = Index(place)
      }
      let from = builder.declare("from", (outer.isEmpty ? piece : piece % blocks) * block)
      let to = builder.declare("to", .minimum(from + block, columns))
      let narrow = try builder.block { try writeNarrow(axis, start, from, to) }
      if let wide = try wideBlock(axis, start, from) {
        builder.emit(.branch(.binary(.equal, to - from, block), then: wide, otherwise: narrow))
      } else {
        narrow.forEach(builder.emit)
      }
    }
  }

  /// A block of full width; nil where vectors cannot be used, or where no block is that wide.
  private func wideBlock(_ axis: Int, _ start: [Int: Index], _ from: Expression) throws -> [Statement]? {
    if let extent = plan.domain.shape[axis].constant, extent < width { return nil }
    return try ifVectors {
      try builder.block {
        try evaluator.scope(lanes: lanes) {
          try writeStages(
            (0..<tuning.columnVectors).map { vector in
              start.merging([axis: Index(from + .integer(vector * lanes), step: 1)]) { $1 }
            })
        }
      }
    }
  }

  private func writeNarrow(_ axis: Int, _ start: [Int: Index], _ from: Expression, _ to: Expression) throws {
    try LoopNest.vectors(evaluator, lanes: lanes, from: from, to: to) { column, _ in
      try writeStages([start.merging([axis: column]) { $1 }])
    }
  }

  // MARK: Loops over a row

  /// The places on the innermost reduced axis that are walked.
  func innermostPlaces(_ axis: Int) -> (from: Expression, to: Expression) {
    if let chunk, let division, division.splitsInnermost { return (chunk.from, chunk.to) }
    return (0, builder.extent(plan.domain.shape[axis]))
  }

  /// Loops over all reduced axes but the innermost, adding each position.
  func outerLoops(_ place: [Int: Index], _ body: ([Int: Index]) throws -> Void) throws {
    let axes = plan.reducedAxes.dropLast()
    guard let chunk, let division, !division.splitsInnermost else { return try loops(axes, place, body) }
    try builder.loop("k", from: chunk.from, to: chunk.to) { number in
      var next = place
      let places = LoopNest.positions(builder, number, axes.map { plan.domain.shape[$0] })
      for (axis, own) in zip(axes, places) { next[axis] = Index(own) }
      try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) { try body(next) }
    }
  }

  private func loops(_ axes: ArraySlice<Int>, _ place: [Int: Index], _ body: ([Int: Index]) throws -> Void) throws {
    guard let axis = axes.first else { return try body(place) }
    try builder.loop("k", to: builder.extent(plan.domain.shape[axis])) { position in
      try loops(axes.dropFirst(), place.merging([axis: Index(position)]) { $1 }, body)
    }
  }

  // MARK: Stages

  /// All stages for rows, each given by the positions on the axes that stay.
  private func writeStages(_ rows: [[Int: Index]]) throws {
    plan.saved.flatMap { $0 }.forEach { evaluator.unbind($0.value) }
    for depth in 0...plan.depth {
      for row in rows {
        for element in plan.rowValues[depth] where fitsVectors(element) {
          _ = try evaluator.value(element.value, at: index(element, row))
        }
        for element in plan.rowOutputs[depth] where fitsVectors(element) { try store(element, row) }
      }
      let stage = depth + 1
      if stage <= plan.depth || !plan.outputs[stage].isEmpty {
        if plan.columnAxis == nil { try walkRow(stage, rows[0]) } else { try walkColumns(stage, rows) }
      }
      for element in plan.saved[stage] { bindSaved(element, rows) }
    }
    try storeSingly(plan.rowOutputs.joined().filter { !fitsVectors($0) }, rows)
  }

  func reductions(_ stage: Int) -> [Operation] { stage <= plan.depth ? plan.reductions[stage] : [] }

  /// What a stage does at one place of a row: saves, combines into the sums, stores.
  func visit(_ stage: Int, _ place: [Int: Index], first: [Int: Index], sums: [Variable], tail: Expression? = nil) throws
  {
    for element in plan.saved[stage] { try save(element, place, first) }
    for (operation, sum) in zip(reductions(stage), sums) {
      guard let op = operation.op as? any ReductionOp else { continue }
      var value = try element(of: operation, at: place, sum.type)
      if let tail { value = .select(try firstLanes(tail, sum.type), value, identity(op, sum.type)) }
      builder.assign(sum, op.combine(.variable(sum), value, sum.type))
    }
    for element in plan.outputs[stage] { try store(element, place) }
  }

  /// The operand of a reduction at one place.
  func element(of reduction: Operation, at place: [Int: Index], _ type: LoopType) throws -> Expression {
    guard let source = reduction.operands[0] else { throw NotVectorizable() }
    let full = plan.domain.shape.indices.map { place[$0] ?? .zero }
    let value = try evaluator.value(source, at: trimmed(full))
    return type.lanes > 1 ? try evaluator.filled(value) : value
  }

  /// What is the same all along a row, and what is stored of it, where all reductions are at hand.
  func writeRowValues(_ row: [Int: Index]) throws {
    for depth in 0...plan.depth {
      for element in plan.rowValues[depth] { _ = try evaluator.value(element.value, at: index(element, row)) }
      for element in plan.rowOutputs[depth] { try store(element, row) }
    }
  }

  /// An axis of extent 1 is always read at 0, as ``RowPlan`` has it.
  private func trimmed(_ index: [Index]) -> [Index] {
    index.enumerated().map { plan.domain.shape[$0] == 1 ? .zero : $1 }
  }

  /// A mask of the first lanes, for the last vector of a row.
  private func firstLanes(_ count: Expression, _ type: LoopType) throws -> Expression {
    if type.element == .bool { throw NotVectorizable() }
    let lane = LoopType(type.element.bitWidth == 64 ? .i64 : .i32)
    let ramp = Expression.ramp(.literal(0, lane), step: .literal(1, lane), lanes: type.lanes)
    let limit = lane.element == .i64 ? count.data : Expression.convert(count, .i32)
    return .binary(.less, ramp, .broadcast(limit, lanes: type.lanes))
  }

  func identity(_ op: any ReductionOp, _ type: LoopType) -> Expression { .constant(op.identity(type.element), type) }

  // MARK: Memory

  /// The index of a value at positions on the axes of the domain.
  func index(_ element: RowElement, _ place: [Int: Index]) -> [Index] {
    element.axes.map { axis in axis.flatMap { place[$0] } ?? .zero }
  }

  func store(_ element: RowElement, _ place: [Int: Index]) throws {
    guard let buffer = kernel.results.first(where: { $0.id == element.value })?.buffer else { return }
    let own = index(element, place)
    let value = try evaluator.value(element.value, at: own)
    let isVector = own.contains { $0.step != 0 }
    let type = plan.group.type(of: element.value)
    var (offset, step) = try evaluator.offset(type, at: own)
    if let chunk { offset = chunk.number * builder.extent(type.count) + offset }
    if isVector && step.constantIndex != 1 { throw NotVectorizable() }
    let wide = isVector ? try evaluator.filled(value) : value
    builder.store(buffer, offset, wide, count: isVector ? evaluator.partialCount : nil)
  }

  /// Where a value is kept in scratch memory: by its place in the row, then by its column within the block.
  private func savedPlace(_ element: RowElement, _ index: [Index], _ first: [Int: Index]) -> Index {
    func position(_ axis: Int) -> Index? { element.axes.firstIndex(of: axis).map { index[$0] } }
    var place = Index.zero
    for axis in plan.reducedAxes {
      let own = position(axis) ?? .zero
      place = Index(place.base * builder.extent(plan.domain.shape[axis]) + own.base, step: own.step)
    }
    guard let axis = plan.columnAxis, let own = position(axis), let start = first[axis] else { return place }
    return Index(place.base * .integer(width) + (own.base - start.base), step: own.step)
  }

  private func save(_ element: RowElement, _ place: [Int: Index], _ first: [Int: Index]) throws {
    guard let buffer = scratch[element.value] else { return }
    let own = index(element, place)
    let value = try evaluator.value(element.value, at: own)
    let saved = savedPlace(element, own, first)
    let wide = saved.step == 0 ? value : try evaluator.filled(value)
    builder.store(buffer, saved.base, wide, count: saved.step == 0 ? nil : evaluator.partialCount)
  }

  private func bindSaved(_ element: RowElement, _ rows: [[Int: Index]]) {
    guard let buffer = scratch[element.value], let first = rows.first else { return }
    evaluator.bind(element.value) { [self] index in
      let place = savedPlace(element, index, first)
      return try evaluator.load(buffer, offset: place.base, step: .integer(place.step))
    }
  }
}
