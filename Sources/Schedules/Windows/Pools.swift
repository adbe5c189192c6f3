import TensorIR
import TensorOps

extension MaxPool: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let source = anchor.operands[0] else { return }
    let input = group.type(of: source)
    let loops = WindowLoops(kernel: kernel, window: window, result: group.type(of: anchor.results[0]))
    try loops.windows(in: input.shape) { output in
      let type = LoopType(input.elementType.computeType, lanes: output.lanes)
      let greatest = kernel.builder.mutable("greatest", .constant(-.infinity, type))
      try loops.taps(output.ranges, output.index) { place, _ in
        let next = try loops.value(source, at: place, lanes: output.lanes)
        kernel.builder.assign(greatest, .greater(of: .variable(greatest), next, type))
      }
      try kernel.store(.variable(greatest), of: anchor.results[0], at: output.index, count: output.count)
    }
    kernel.finish(work: loops.result.count * Dimension(window.size))
  }
}

extension MaxPoolTaps: ScheduledOp {
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let source = anchor.operands[0] else { return }
    let input = group.type(of: source)
    let loops = WindowLoops(kernel: kernel, window: window, result: group.type(of: anchor.results[0]))
    try loops.windows(in: input.shape, isVector: input.elementType.bitWidth == 32) { output in
      let lanes = output.lanes
      let type = LoopType(input.elementType.computeType, lanes: lanes)
      let (builder, wholes) = (kernel.builder, LoopType(.i32, lanes: lanes))
      let greatest = builder.mutable("greatest", .constant(-.infinity, type))
      let tap = builder.mutable("tap", .literal(-1, wholes))
      try loops.taps(output.ranges, output.index) { place, number in
        let next = builder.declare("next", try loops.value(source, at: place, lanes: lanes))
        let whole = kernel.evaluator.widened(.convert(number, .i32), lanes: lanes)
        // Nothing found yet, greater, or the first NaN.
        var isBetter = Expression.binary(
          .logicalOr, .less(.variable(tap), .literal(0, wholes)), .binary(.greater, next, .variable(greatest)))
        if type.element.isFloat {
          let isFirst = Expression.binary(.equal, .variable(greatest), .variable(greatest))
          isBetter = .binary(.logicalOr, isBetter, .binary(.logicalAnd, .binary(.notEqual, next, next), isFirst))
        }
        let found = builder.declare("found", isBetter)
        builder.assign(greatest, .select(found, next, .variable(greatest)))
        builder.assign(tap, .select(found, whole, .variable(tap)))
      }
      // A window without elements has no tap; 0 is as good as any.
      let final = Expression.binary(.maximum, .variable(tap), .literal(0, wholes))
      try kernel.store(builder.declare("final", final), of: anchor.results[0], at: output.index, count: output.count)
    }
    kernel.finish(work: loops.result.count * Dimension(window.size))
  }
}

extension AveragePool: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    guard let source = anchor.operands[0] else { return }
    let input = group.type(of: source)
    let loops = WindowLoops(kernel: kernel, window: window, result: group.type(of: anchor.results[0]))
    try loops.windows(in: input.shape) { output in
      let type = LoopType(input.elementType.computeType, lanes: output.lanes)
      let total = kernel.builder.mutable("total", .constant(0, type))
      try loops.taps(output.ranges, output.index) { place, _ in
        let next = try loops.value(source, at: place, lanes: output.lanes)
        kernel.builder.assign(total, .binary(.add, .variable(total), next))
      }
      let divisor = try self.divisor(loops, output.index, input.shape, type, counted: output.ranges)
      let mean = kernel.builder.declare("mean", .binary(.divide, .variable(total), divisor))
      try kernel.store(mean, of: anchor.results[0], at: output.index, count: output.count)
    }
    kernel.finish(work: loops.result.count * Dimension(window.size))
  }

  /// What the sum of the window of an output is divided by. `counted` are the taps that meet elements, where they are known.
  func divisor(
    _ loops: WindowLoops, _ output: [Index], _ shape: [Dimension], _ type: LoopType,
    counted: [WindowLoops.Range]? = nil
  ) throws -> Expression {
    if countIncludePad && !window.ceilMode { return .number(Double(window.size), type) }
    let ranges =
      if let counted, !countIncludePad { counted } else {
        try loops.ranges(output, in: shape, extra: countIncludePad ? window.after : nil, known: counted)
      }
    let count = ranges.reduce(Expression.integer(1)) { $0 * (countIncludePad ? $1.to : $1.to - $1.from) }
    if let number = count.constantIndex { return .number(Double(number), type) }
    let number = loops.kernel.builder.declare("count", .convert(count, type.element))
    return loops.kernel.evaluator.widened(number, lanes: type.lanes)
  }
}
