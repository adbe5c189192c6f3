import TensorIR
import TensorOps

extension GatherPlanesGradient: ScheduledOp {
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool { operand == 0 }

  /// A plane belongs to one thread, which adds in the order of the indices.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    guard let result = kernel.results.first, let x = anchor.operands[0], let indices = anchor.operands[1] else {
      return
    }
    let type = group.type(of: result.id)
    let zero = Expression.constant(0, LoopType(type.elementType.computeType))
    let size = builder.extent(extent)
    try builder.parallel("plane", count: builder.extent(type.shape[0] * type.shape[1])) { plane in
      let places = LoopNest.positions(builder, plane, [type.shape[0], type.shape[1]]).map { Index($0) }
      let start = builder.declare("start", plane * size)
      builder.loop("i", to: size) { builder.store(result.buffer, start + $0, zero) }
      try builder.loop("p", to: builder.extent(group.type(of: x).shape[2])) { p in
        try evaluator.scope(lanes: 1) {
          let raw = try evaluator.value(indices, at: [places[0], Index(p)])
          let place = builder.declare("place", raw.data)
          let isThere = Expression.binary(
            .logicalAnd, .binary(.greaterEqual, place, Expression.integer(0).data), .less(place, size.data))
          try builder.branch(isThere) {
            try evaluator.scope(lanes: 1) {
              let more = try evaluator.value(x, at: places + [Index(p)])
              let old = Expression.load(result.buffer, start + place.index, lanes: 1)
              builder.store(result.buffer, start + place.index, .binary(.add, old, more))
            }
          }
        }
      }
    }
    kernel.finish(work: (type.count + group.type(of: x).count) * Dimension(Work.element))
  }
}
