import TensorIR

/// Writes the kernel of a group with one reduction: operations before it are computed as it reads, those after it as it
/// writes. Elements are combined in an order that depends on the shape alone.
struct ReductionSchedule {
  let group: Group
  let anchor: Operation
  let op: any ReductionOp
  let sink: any KernelSink

  init(_ group: Group, _ anchor: Operation, _ op: any ReductionOp, _ sink: any KernelSink) {
    self.group = group
    self.anchor = anchor
    self.op = op
    self.sink = sink
  }

  private var source: ValueID { anchor.operands[0] ?? anchor.results[0] }
  private var input: TensorType { group.type(of: source) }
  private var output: TensorType { group.type(of: anchor.results[0]) }

  func lower() throws {
    let builder = KernelBuilder(name: group.name, comments: group.comments)
    let evaluator = ElementEvaluator(group, builder, sink.target)
    var buffers: [BufferReference] = []
    for leaf in group.leaves {
      evaluator.bind(leaf, to: builder.parameter("x\(buffers.count)", group.type(of: leaf).elementType, .read))
      buffers.append(try sink.buffer(of: leaf))
    }
    var results: [(ValueID, Buffer)] = []
    for id in group.outputs {
      results.append((id, builder.parameter("y\(results.count)", group.type(of: id).elementType, .write)))
      buffers.append(try sink.buffer(of: id))
    }
    let order = input.layout.axes(rank: input.rank)
    if let last = order.last, !op.axes.contains(last), input.shape[last] != 1 {
      try writeColumns(evaluator, results, innermost: last)
    } else {
      try writeRows(evaluator, results, order: order)
    }
    sink.call(builder, buffers: buffers, work: input.count, at: group.location)
  }

  /// The axes of the operand that stay, in the order of memory.
  private func kept(_ order: [Int]) -> [Int] { order.filter { !op.axes.contains($0) } }

  /// The operand's index from positions on its axes.
  private func operandIndex(_ positions: [Int: Index]) -> [Index] { (0..<input.rank).map { positions[$0] ?? .zero } }

  /// The result's index for positions on the operand's kept axes.
  private func resultIndex(_ positions: [Int: Index]) -> [Index] {
    (0..<input.rank).compactMap { axis in
      op.axes.contains(axis) ? (op.keepAxes ? .zero : nil) : positions[axis] ?? .zero
    }
  }

  // MARK: The innermost axis is reduced

  /// Each result is one sum over contiguous rows: vectors of partial sums, then their lanes.
  private func writeRows(
    _ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)], order: [Int]
  ) throws {
    let builder = evaluator.builder
    let outer = kept(order)
    let reduced = order.filter { op.axes.contains($0) }
    try builder.parallel("row", count: builder.extent(outer.map { input.shape[$0] }.reduce(1, *))) { row in
      var positions: [Int: Index] = [:]
      let places = LoopNest.positions(builder, row, outer.map { input.shape[$0] })
      for (axis, place) in zip(outer, places) { positions[axis] = Index(place) }
      let total = try sum(evaluator, positions, Array(reduced))
      try store(evaluator, results, total, positions, count: nil)
    }
  }

  /// The sum over the reduced axes as a scalar.
  private func sum(
    _ evaluator: ElementEvaluator, _ positions: [Int: Index], _ reduced: [Int]
  ) throws -> Expression {
    let builder = evaluator.builder
    let type = LoopType(input.elementType.computeType)
    guard let last = reduced.last else { return try evaluator.value(source, at: operandIndex(positions)) }
    let lanes = sink.target.lanes(of: input.elementType)
    let extent = builder.extent(input.shape[last])
    do {
      return try builder.blockWithResult { () -> Expression in
        let wide = LoopType(type.element, lanes: lanes)
        let sums = (0..<4).map { builder.mutable("sum\($0)", identity(wide)) }
        let tail = builder.mutable("rest", identity(type))
        try loops(builder, Array(reduced.dropLast()), positions) { positions in
          let block = Expression.integer(4 * lanes)
          let whole = builder.declare("whole", extent - extent % block)
          try builder.loop("j", to: whole, step: block) { j in
            for (part, sum) in sums.enumerated() {
              try accumulate(evaluator, sum, positions, last, j + .integer(part * lanes), lanes: lanes)
            }
          }
          let single = builder.declare("single", extent - extent % .integer(lanes))
          try builder.loop("j", from: whole, to: single, step: .integer(lanes)) { j in
            try accumulate(evaluator, sums[0], positions, last, j, lanes: lanes)
          }
          try builder.loop("j", from: single, to: extent) { j in
            try accumulate(evaluator, tail, positions, last, j, lanes: 1)
          }
        }
        let pair01 = op.combine(.variable(sums[0]), .variable(sums[1]), wide)
        let pair23 = op.combine(.variable(sums[2]), .variable(sums[3]), wide)
        let vector = builder.declare("sums", op.combine(pair01, pair23, wide))
        return builder.declare("total", op.combine(.reduce(op.laneReduction, vector), .variable(tail), type))
      }
    } catch is NotVectorizable {
      let total = builder.mutable("total", identity(type))
      try loops(builder, reduced, positions) { positions in
        try evaluator.scope(lanes: 1) {
          let value = try evaluator.value(source, at: operandIndex(positions))
          builder.assign(total, op.combine(.variable(total), value, type))
        }
      }
      return .variable(total)
    }
  }

  private func accumulate(
    _ evaluator: ElementEvaluator, _ sum: Variable, _ positions: [Int: Index], _ axis: Int, _ place: Expression, lanes: Int
  ) throws {
    var positions = positions
    positions[axis] = Index(place, step: lanes > 1 ? 1 : 0)
    try evaluator.scope(lanes: lanes) {
      let value = try evaluator.value(source, at: operandIndex(positions))
      let wide = evaluator.widened(value, lanes: lanes)
      evaluator.builder.assign(sum, op.combine(.variable(sum), wide, sum.type))
    }
  }

  // MARK: The innermost axis stays

  /// Neighbouring results in a vector; the reduced axes are walked for each.
  private func writeColumns(
    _ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)], innermost: Int
  ) throws {
    let builder = evaluator.builder
    let order = input.layout.axes(rank: input.rank)
    let outer = kept(order).dropLast().map { $0 }
    let reduced = order.filter { op.axes.contains($0) }
    let lanes = sink.target.lanes(of: input.elementType)
    try LoopNest.pieces(builder, outer: outer.map { input.shape[$0] }, inner: input.shape[innermost]) { places, from, to in
      try LoopNest.vectors(evaluator, lanes: lanes, from: from, to: to) { column, count in
        var positions: [Int: Index] = [innermost: column]
        for (axis, place) in zip(outer, places) { positions[axis] = Index(place) }
        let type = LoopType(input.elementType.computeType, lanes: column.step == 0 ? 1 : lanes)
        let sum = builder.mutable("sum", identity(type))
        try loops(builder, reduced, positions) { inner in
          try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
            let value = try evaluator.value(source, at: operandIndex(inner))
            let wide = evaluator.widened(value, lanes: type.lanes)
            builder.assign(sum, op.combine(.variable(sum), wide, type))
          }
        }
        try store(evaluator, results, .variable(sum), positions, count: count)
      }
    }
  }

  // MARK: Shared

  private func identity(_ type: LoopType) -> Expression {
    let value = op.identity(type.element)
    return type.element.isFloat
      ? .number(value, type) : .literal(Evaluator.saturate(value, type.element), type)
  }

  /// Loops over axes, outermost first, adding each position.
  private func loops(
    _ builder: KernelBuilder, _ axes: [Int], _ positions: [Int: Index], _ body: ([Int: Index]) throws -> Void
  ) throws {
    guard let first = axes.first else { return try body(positions) }
    try builder.loop("k", to: builder.extent(input.shape[first])) { place in
      var next = positions
      next[first] = Index(place)
      try loops(builder, Array(axes.dropFirst()), next, body)
    }
  }

  /// Applies the operations behind the reduction and stores the group's results.
  private func store(
    _ evaluator: ElementEvaluator, _ results: [(ValueID, Buffer)], _ total: Expression, _ positions: [Int: Index],
    count: Expression?
  ) throws {
    let index = resultIndex(positions)
    evaluator.bind(anchor.results[0]) { _ in total }
    try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
      for (id, buffer) in results {
        let type = group.type(of: id)
        let place = Array(repeating: Index.zero, count: max(type.rank - index.count, 0)) + index
        let value = try evaluator.value(id, at: place)
        let (offset, step) = try evaluator.offset(type, at: place)
        if total.type.lanes > 1 && step.constantIndex != 1 { throw NotVectorizable() }
        evaluator.builder.store(
          buffer, offset, evaluator.widened(value, lanes: total.type.lanes), count: count)
      }
    }
  }
}
