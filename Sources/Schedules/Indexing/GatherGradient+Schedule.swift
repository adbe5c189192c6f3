import TensorIR
import TensorOps

extension GatherGradient: ScheduledOp {
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool { operand == 0 }

  /// Each thread owns a range of the result's rows and walks over all indices for it, so that equal ones are added in
  /// their order whatever the number of threads.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    let builder = kernel.builder
    guard let result = kernel.results.first else { return }
    let type = group.type(of: result.id)
    let rows = builder.extent(type.shape.prefix(axis + 1).reduce(1, *))
    let from = builder.declare("from", rows * builder.thread / builder.team)
    let to = builder.declare("to", rows * (builder.thread + 1) / builder.team)
    let writer = RowWriter(kernel: kernel, result: result, type: type, axis: axis)
    try builder.loop("row", from: from, to: to) { row in
      let places = LoopNest.positions(builder, row, Array(type.shape.prefix(axis + 1)))
      try writer.columns(places.map { Index($0) }) { _ in .constant(0, LoopType(type.elementType.computeType)) }
    }
    try add(kernel, anchor, writer, from: from, to: to)
    kernel.finish(work: (type.count + group.type(of: anchor.operands[0]).count) * Dimension(Work.element))
  }

  private func add(
    _ kernel: GroupKernel, _ anchor: Operation, _ writer: RowWriter, from: Expression, to: Expression
  ) throws {
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    guard let x = anchor.operands[0], let indices = anchor.operands[1] else { return }
    let shape = kernel.group.type(of: indices).shape
    let size = builder.declare("size", .maximum(1, builder.extent(extent)))
    try builder.loop("slab", from: from / size, to: (to + size - 1) / size) { slab in
      let low = builder.declare("low", .maximum(0, from - slab * size))
      let high = builder.declare("high", .minimum(size, to - slab * size))
      let outer = LoopNest.positions(builder, slab, Array(writer.type.shape.prefix(axis))).map { Index($0) }
      try kernel.loops(Array(shape.indices), of: shape, shape.map { _ in .zero }) { picked in
        try evaluator.scope(lanes: 1) {
          let index = try evaluator.value(indices, at: picked)
          let place = builder.place(of: index, extent: builder.extent(extent), for: name, at: anchor.location)
          let isOwn = Expression.binary(
            .logicalAnd, .binary(.greaterEqual, place, low), .less(place, high))
          try builder.branch(isOwn) {
            try writer.columns(outer + [Index(place)]) { index in
              let old = try evaluator.load(writer.result.buffer, writer.type, at: index)
              let value = try evaluator.value(x, at: outer + picked + index.suffix(from: axis + 1))
              // What is computed of an axis of one element is no vector, though the row is written as one.
              let more = evaluator.widened(value, lanes: old.type.lanes)
              // Of truth values the sum is whether there is one that is true.
              return .binary(old.type.element == .bool ? .bitOr : .add, old, more)
            }
          }
        }
      }
    }
  }
}
