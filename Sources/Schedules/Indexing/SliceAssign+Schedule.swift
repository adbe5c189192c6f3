import TensorIR
import TensorOps

extension SliceAssign: ScheduledOp {
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool { true }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let result = kernel.results.first, let x = anchor.operands[0], let values = anchor.operands[1] else { return }
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    let type = group.type(of: result.id)
    if type.rank == 0 {
      try builder.branch(.binary(.equal, builder.thread, 0)) {
        builder.store(result.buffer, 0, try evaluator.value(values, at: []))
      }
    } else {
      let shape = type.shape
      try LoopNest.pieces(builder, outer: Array(shape.dropLast()), inner: shape[shape.count - 1]) {
        positions, from, to in
        let row = positions.map { Index($0) }
        func write(_ id: ValueID, _ own: [Index], to place: Index, _ count: Expression?) throws {
          let value = try evaluator.value(id, at: own)
          let (offset, step) = try evaluator.offset(type, at: row + [place])
          if place.step != 0 && step.constantIndex != 1 { throw NotVectorizable() }
          let lanes = place.step == 0 ? 1 : evaluator.lanes
          builder.store(result.buffer, offset, evaluator.widened(value, lanes: lanes), count: count)
        }
        try LoopNest.vectors(evaluator, lanes: kernel.lanes(type), from: from, to: to) { column, count in
          try write(x, row + [column], to: column, count)
        }
        try whereAssigned(kernel, row, shape: shape, values: group.type(of: values).shape) { own in
          let start = builder.extent(starts[shape.count - 1])
          let step = steps[shape.count - 1]
          let (low, high) = assigned(
            builder, from, to, start, step, size: builder.extent(group.type(of: values).shape[shape.count - 1]))
          try LoopNest.vectors(evaluator, lanes: kernel.lanes(type), from: low, to: high) { column, count in
            try write(values, own + [column], to: column * step + Index(start), count)
          }
        }
      }
    }
    kernel.finish(work: type.count * Dimension(Work.element))
  }

  /// Runs `body` where a row has assigned elements, with the row of the values.
  private func whereAssigned(
    _ kernel: GroupKernel, _ row: [Index], shape: [Dimension], values: [Dimension], _ body: ([Index]) throws -> Void
  ) throws {
    let builder = kernel.builder
    var own = row
    var conditions: [Expression] = []
    for axis in row.indices where starts[axis] != 0 || steps[axis] != 1 || values[axis] != shape[axis] {
      let start = builder.extent(starts[axis])
      let distance = builder.declare(
        "distance", steps[axis] > 0 ? row[axis].base - start : start - row[axis].base)
      let step = Expression.integer(abs(steps[axis]))
      conditions.append(.binary(.greaterEqual, distance, 0))
      if abs(steps[axis]) != 1 { conditions.append(.binary(.equal, distance % step, 0)) }
      conditions.append(.less(distance / step, builder.extent(values[axis])))
      own[axis] = Index(distance / step)
    }
    guard let first = conditions.first else { return try body(own) }
    try builder.branch(conditions.dropFirst().reduce(first) { .binary(.logicalAnd, $0, $1) }) { try body(own) }
  }

  /// The values of a row that lie between two columns: from the first to one behind the last.
  private func assigned(
    _ builder: KernelBuilder, _ from: Expression, _ to: Expression, _ start: Expression, _ step: Int, size: Expression
  ) -> (Expression, Expression) {
    let width = Expression.integer(abs(step))
    /// How many values lie before a column.
    func before(_ column: Expression) -> Expression {
      .maximum(0, step > 0 ? column - start + (width - 1) : start - column + width)
    }
    let (near, far) = step > 0 ? (from, to) : (to, from)
    let low = builder.declare("low", before(near) / width)
    return (low, builder.declare("high", .minimum(size, before(far) / width)))
  }
}
