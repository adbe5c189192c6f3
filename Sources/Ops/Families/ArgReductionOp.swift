import TensorIR

/// Where along one axis the greatest or the least element is, as i64. NaN counts as both, as in NumPy.
public protocol ArgReductionOp: ScheduledOp, NotDifferentiable {
  var axis: Int { get }
  /// Whether the axis stays, with extent 1.
  var keepAxes: Bool { get }
  /// Whether the last of several equal elements is taken rather than the first.
  var selectLast: Bool { get }
  static var takesGreatest: Bool { get }
}

extension ArgReductionOp {
  public func inferTypes(_ operands: [TensorType], _ context: inout InferenceContext) throws -> [TensorType] {
    try context.require(operands, count: 1...1, of: name)
    let x = operands[0]
    try context.require(axis: axis, of: x, name)
    guard ElementType.numbers.contains(x.elementType) else {
      throw Diagnostic("element-type", "'\(name)' compares numbers, not \(x.elementType); cast the operand first")
    }
    try context.require(1, atMost: x.shape[axis], "'\(name)' has no element to find on axis \(axis) of \(x)")
    return [TensorType(.i64, Sum(axes: [axis], keepAxes: keepAxes).reducedShape(x.shape))]
  }

  public func evaluate(_ operands: [ReferenceTensor], _ types: [TensorType]) throws -> [ReferenceTensor] {
    let x = operands[0]
    let lines = ReferenceTensor.Lines(x.shape, axis: axis)
    let found = lines.map { line in
      line.indices.dropFirst().reduce(0) { best, next in isBetter(x, line[next], than: line[best]) ? next : best }
    }
    return [ReferenceTensor(.i64, try Evaluator.numbers(types[0]), integers: found)]
  }

  private func isBetter(_ x: ReferenceTensor, _ next: Int, than best: Int) -> Bool {
    if !x.elementType.isFloat {
      let flip = x.elementType == .u64 ? Int.min : 0
      let (a, b) = (x.integers[next] ^ flip, x.integers[best] ^ flip)
      return (Self.takesGreatest ? a > b : a < b) || (selectLast && a == b)
    }
    let (a, b) = (x.floats[next], x.floats[best])
    if a.isNaN || b.isNaN { return a.isNaN && (!b.isNaN || selectLast) }
    return (Self.takesGreatest ? a > b : a < b) || (selectLast && a == b)
  }

  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool { true }

  /// One element after the other along the axis, for every position on the others.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let kernel = try GroupKernel(group, sink)
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    guard let source = anchor.operands[0] else { return }
    let type = group.type(of: source)
    let outer = type.layout.axes(rank: type.rank).filter { $0 != axis }
    let extents = outer.map { type.shape[$0] }
    try builder.parallel("row", count: builder.extent(extents.reduce(1, *))) { row in
      var index = [Index](repeating: .zero, count: type.rank)
      for (own, place) in zip(outer, LoopNest.positions(builder, row, extents)) { index[own] = Index(place) }
      let place = builder.mutable("place", 0)
      try evaluator.scope(lanes: 1) {
        let best = builder.mutable("best", try evaluator.value(source, at: index))
        try builder.loop("k", from: 1, to: builder.extent(type.shape[axis])) { k in
          var own = index
          own[axis] = Index(k)
          try evaluator.scope(lanes: 1) {
            let next = builder.declare("next", try evaluator.value(source, at: own))
            builder.branch(isBetter(next, than: .variable(best))) {
              builder.assign(best, next)
              builder.assign(place, k)
            }
          }
        }
      }
      let result = type.shape.indices.compactMap { $0 == axis ? (keepAxes ? .zero : nil) : index[$0] }
      try kernel.store(.variable(place), of: anchor.results[0], at: result)
    }
    kernel.finish(work: type.count)
  }

  private func isBetter(_ next: Expression, than best: Expression) -> Expression {
    let operators: [BinaryOperator] = Self.takesGreatest ? [.greater, .greaterEqual] : [.less, .lessEqual]
    let order = Expression.binary(operators[selectLast ? 1 : 0], next, best)
    if !next.type.element.isFloat { return order }
    let isNaN = Expression.binary(.notEqual, next, next)
    let found = selectLast ? isNaN : .binary(.logicalAnd, isNaN, .binary(.equal, best, best))
    return .binary(.logicalOr, order, found)
  }
}
