import TensorIR
import TensorOps

extension ResampleGradient: ScheduledOp {
  /// A piece owns the whole axis for some of the other places, so that sums have one order.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    let builder = kernel.builder
    guard let result = kernel.results.first else { return }
    let type = group.type(of: result.id)
    let inner = type.shape[(axis + 1)...].reduce(1, *)
    let rows = builder.extent(type.shape[..<axis].reduce(1, *))
    let (size, columns) = (builder.extent(extent), builder.extent(inner))
    let width = Expression.integer(256)
    let chunks = builder.declare("chunks", (columns + width - 1) / width)
    try builder.parallel("piece", count: rows * chunks) { piece in
      let row = builder.declare("row", piece / .maximum(1, chunks))
      let from = builder.declare("from", (piece - row * chunks) * width)
      let to = builder.declare("to", .minimum(from + width, columns))
      let start = builder.declare("start", row * size * columns)
      let zero = Expression.constant(0, LoopType(type.elementType.computeType))
      builder.loop("j", to: size) { j in
        builder.loop("i", from: from, to: to) { builder.store(result.buffer, start + j * columns + $0, zero) }
      }
      try add(kernel, anchor, (row, start, columns, size), from, to)
    }
    let source = group.type(of: anchor.operands[0])
    kernel.finish(
      work: (type.count + source.count * group.type(of: anchor.operands[1]).shape[1]) * Dimension(Work.element))
  }

  private func add(
    _ kernel: GroupKernel, _ anchor: Operation,
    _ plane: (row: Expression, start: Expression, columns: Expression, size: Expression), _ from: Expression,
    _ to: Expression
  ) throws {
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    guard let x = anchor.operands[0], let indices = anchor.operands[1], let weights = anchor.operands[2],
      let source = evaluator.buffer(of: x), let result = kernel.results.first
    else { return }
    let type = kernel.group.type(of: x)
    let rows = builder.extent(type.shape[axis])
    try builder.loop("j", to: rows) { j in
      try builder.loop("t", to: builder.extent(kernel.group.type(of: indices).shape[1])) { tap in
        try evaluator.scope(lanes: 1) {
          let entry = [Index(j), Index(tap)]
          let raw = try evaluator.value(indices, at: entry)
          let place = builder.declare("place", raw.data)
          let isThere = Expression.binary(
            .logicalAnd, .binary(.greaterEqual, place, Expression.integer(0).data), .less(place, plane.size.data))
          try builder.branch(isThere) {
            try evaluator.scope(lanes: 1) {
              let weight = try evaluator.value(weights, at: entry)
              let there = builder.declare("there", plane.start + place.index * plane.columns)
              let here = builder.declare("here", (plane.row * rows + j) * plane.columns)
              try LoopNest.vectors(evaluator, lanes: kernel.lanes(type), from: from, to: to) { column, count in
                let lanes = column.step == 0 ? 1 : evaluator.lanes
                let own = try evaluator.load(source, offset: here + column.base, step: .integer(column.step))
                let old = try evaluator.load(result.buffer, offset: there + column.base, step: .integer(column.step))
                let more = Expression.binary(.multiply, evaluator.widened(weight, lanes: lanes), own)
                builder.store(result.buffer, there + column.base, .binary(.add, old, more), count: count)
              }
            }
          }
        }
      }
    }
  }
}
