import TensorIR
import TensorOps

extension Resample: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    let builder = kernel.builder
    guard let x = anchor.operands[0], let indices = anchor.operands[1], let weights = anchor.operands[2] else { return }
    let type = group.type(of: anchor.results[0])
    let (taps, size) = (group.type(of: indices).shape[1], builder.extent(group.type(of: x).shape[axis]))
    let order = type.layout.axes(rank: type.rank)
    guard let last = order.last else { return }
    try LoopNest.pieces(builder, outer: order.dropLast().map { type.shape[$0] }, inner: type.shape[last]) {
      places, from, to in
      // Along the axis itself every element has a table of its own.
      let lanes = axis == last ? 1 : kernel.lanes(type)
      try LoopNest.vectors(kernel.evaluator, lanes: lanes, from: from, to: to) { column, count in
        var index = [Index](repeating: column, count: type.rank)
        for (axis, place) in zip(order, places) { index[axis] = Index(place) }
        let evaluator = kernel.evaluator
        let wide = LoopType(type.elementType.computeType, lanes: column.step == 0 ? 1 : evaluator.lanes)
        let total = builder.mutable("total", .constant(0, wide))
        try builder.loop("t", to: builder.extent(taps)) { tap in
          try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
            let entry = [index[axis], Index(tap)]
            let raw = try evaluator.value(indices, at: entry)
            let place = builder.declare("place", raw.data)
            let isThere = Expression.binary(
              .logicalAnd, .binary(.greaterEqual, place, Expression.integer(0).data), .less(place, size.data))
            try builder.branch(isThere) {
              try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
                var own = index
                own[axis] = Index(place.index)
                let weight = evaluator.widened(try evaluator.value(weights, at: entry), lanes: wide.lanes)
                let value = evaluator.widened(try evaluator.value(x, at: own), lanes: wide.lanes)
                builder.assign(total, .binary(.add, .variable(total), .binary(.multiply, weight, value)))
              }
            }
          }
        }
        try kernel.store(.variable(total), of: anchor.results[0], at: index, count: count)
      }
    }
    kernel.finish(work: type.count * taps * Dimension(Work.element))
  }
}
