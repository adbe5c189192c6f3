import TensorIR
import TensorOps

extension Fold: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  /// Every element gathers what lies on it, so that threads share nothing.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let source = anchor.operands[0] else { return }
    let input = group.type(of: source)
    let lead = sizes.count == 0 ? 0 : input.rank - 2 * window.count
    let loops = WindowLoops(
      kernel: kernel, window: window, result: group.type(of: anchor.results[0]), lead: lead)
    try loops.elements(isVector: false) { index, count in
      let total = kernel.builder.mutable("total", .constant(0, LoopType(input.elementType.computeType)))
      try loops.outputs(index, in: Array(input.shape.suffix(window.count))) { output, taps, _ in
        let place = index[..<lead] + taps.map { Index($0) } + output[lead...]
        let part = try loops.value(source, at: Array(place), lanes: 1)
        kernel.builder.assign(total, .binary(.add, .variable(total), part))
      }
      try kernel.store(.variable(total), of: anchor.results[0], at: index, count: count)
    }
    kernel.finish(work: loops.result.count * Dimension(window.size))
  }
}
