import TensorIR
import TensorOps

/// A convolution as plain loops over the window, for what has no faster kernel: groups, padding, depthwise. Vectors go over
/// output channels where they are innermost and each has a filter of its own.
struct DirectConvolution {
  let op: Convolution
  let group: Group
  let anchor: Operation
  let sink: any KernelSink

  private var x: ValueID { anchor.operands[0] ?? anchor.results[0] }
  private var w: ValueID { anchor.operands[1] ?? anchor.results[0] }

  func lower() throws {
    let kernel = try GroupKernel(group, sink)
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    let type = group.type(of: anchor.results[0])
    let order = type.layout.axes(rank: type.rank)
    let innermost = order[order.count - 1]
    let outer = Array(order.dropLast())
    let (xType, wType) = (group.type(of: x), group.type(of: w))
    let isWide = innermost == 1 && op.isDepthwise(xType, wType)
    let lanes = isWide ? sink.target.lanes(of: type.elementType) : 1
    try LoopNest.pieces(builder, outer: outer.map { type.shape[$0] }, inner: type.shape[innermost]) {
      places, from, to in
      try LoopNest.vectors(evaluator, lanes: lanes, from: from, to: to) { column, count in
        var index = [Index](repeating: .zero, count: type.rank)
        for (axis, place) in zip(outer, places) { index[axis] = Index(place) }
        index[innermost] = column
        let sum = try sum(evaluator, index, lanes: column.step == 0 ? 1 : lanes)
        try kernel.store(sum, of: anchor.results[0], at: index, count: count)
      }
    }
    kernel.finish(work: type.count * wType.shape.dropFirst().reduce(1, *))
  }

  /// The sum over the part of the window that lies inside x.
  private func sum(_ evaluator: ElementEvaluator, _ index: [Index], lanes: Int) throws -> Expression {
    let builder = evaluator.builder
    let (xType, wType) = (group.type(of: x), group.type(of: w))
    let type = LoopType(xType.elementType.computeType, lanes: lanes)
    let start: Expression
    if anchor.operands.count > 2, let bias = anchor.operands[2] {
      start = evaluator.widened(try evaluator.value(bias, at: [index[1]]), lanes: lanes)
    } else {
      start = .number(0, type)
    }
    let sum = builder.mutable("sum", start)
    let perGroup = builder.extent(wType.shape[0].floorDivided(by: Dimension(op.groups)))
    let firstChannel =
      op.isDepthwise(xType, wType)
      ? index[1] : Index(index[1].base / perGroup * builder.extent(wType.shape[1]))
    try window(builder, axis: 0, index, [], xType, wType) { places in
      try builder.loop("c", to: builder.extent(wType.shape[1])) { channel in
        let from = places.map { Index($0.x) }
        let filter = places.map { Index($0.w) }
        try evaluator.scope(lanes: evaluator.lanes, partial: evaluator.partialCount) {
          let a = try evaluator.value(x, at: [index[0], firstChannel + Index(channel)] + from)
          let b = try evaluator.value(w, at: [index[1], Index(channel)] + filter)
          let factors = [a, b].map { evaluator.widened($0, lanes: lanes) }
          builder.assign(sum, .intrinsic(.fma, factors + [.variable(sum)], type))
        }
      }
    }
    return .variable(sum)
  }

  /// Loops over the positions of the window inside x; their bounds are clamped, so nothing in them asks.
  private func window(
    _ builder: KernelBuilder, axis: Int, _ index: [Index], _ places: [(x: Expression, w: Expression)], _ x: TensorType,
    _ w: TensorType, _ body: ([(x: Expression, w: Expression)]) throws -> Void
  ) throws {
    guard axis < op.strides.count else { return try body(places) }
    let first = builder.declare(
      "origin", index[axis + 2].base * .integer(op.strides[axis]) - .integer(op.before[axis]))
    let dilation = Expression.integer(op.dilations[axis])
    let low = builder.declare("low", .maximum((dilation - 1 - first) / dilation, 0))
    let high = builder.declare(
      "high",
      .minimum(
        (.maximum(builder.extent(x.shape[axis + 2]) - first, 0) + (dilation - 1)) / dilation,
        builder.extent(w.shape[axis + 2])))
    try builder.loop("k\(axis)", from: low, to: high) { place in
      let at = builder.declare("at", first + place * dilation)
      try window(builder, axis: axis + 1, index, places + [(at, place)], x, w, body)
    }
  }
}
