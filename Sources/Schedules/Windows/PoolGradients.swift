import TensorIR
import TensorOps

extension MaxPoolGradient: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let cotangent = anchor.operands[0], let taps = anchor.operands[1] else { return }
    let input = group.type(of: cotangent)
    let loops = WindowLoops(kernel: kernel, window: window, result: group.type(of: anchor.results[0]))
    try loops.elements(isVector: input.elementType.bitWidth == 32) { index, count in
      let lanes = index.contains { $0.step != 0 } ? kernel.evaluator.lanes : 1
      let type = LoopType(input.elementType.computeType, lanes: lanes)
      let total = kernel.builder.mutable("total", .constant(0, type))
      try loops.outputs(index, in: Array(input.shape.dropFirst(2))) { output, _, number in
        let tap = try loops.value(taps, at: output, lanes: lanes)
        let whole = kernel.evaluator.widened(.convert(number, .i32), lanes: lanes)
        let part = Expression.select(
          .binary(.equal, tap, whole), try loops.value(cotangent, at: output, lanes: lanes),
          .constant(0, type))
        kernel.builder.assign(total, .binary(.add, .variable(total), part))
      }
      try kernel.store(.variable(total), of: anchor.results[0], at: index, count: count)
    }
    kernel.finish(work: loops.result.count * Dimension(window.size))
  }
}

extension AveragePoolGradient: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let cotangent = anchor.operands[0] else { return }
    let input = group.type(of: cotangent)
    let loops = WindowLoops(kernel: kernel, window: window, result: group.type(of: anchor.results[0]))
    try loops.elements { index, count in
      let lanes = index.contains { $0.step != 0 } ? kernel.evaluator.lanes : 1
      let type = LoopType(input.elementType.computeType, lanes: lanes)
      let total = kernel.builder.mutable("total", .constant(0, type))
      try loops.outputs(index, in: Array(input.shape.dropFirst(2))) { output, _, _ in
        let whole = try loops.value(cotangent, at: output, lanes: lanes)
        let share = Expression.binary(.divide, whole, try pool.divisor(loops, output, loops.result.shape, type))
        kernel.builder.assign(total, .binary(.add, .variable(total), share))
      }
      try kernel.store(.variable(total), of: anchor.results[0], at: index, count: count)
    }
    kernel.finish(work: loops.result.count * Dimension(window.size))
  }
}
