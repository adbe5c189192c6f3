import TensorIR
import TensorOps

/// Margins of one value around a tensor that lies in memory: whole rows are copied or filled, so that nothing asks for each
/// element where it comes from.
struct PadSchedule {
  let group: Group
  let sink: any KernelSink
  /// What stands in the margins.
  private let value: Double
  private let source: ValueID
  /// Margins in elements.
  private let before: [Int]

  /// Nil where the group is more than such a pad, or cuts elements off.
  init?(_ group: Group, _ sink: any KernelSink) {
    guard group.operations.count == 1, let margins = group.accessMap(group.operations[0])?.margins,
      let source = group.operations[0].operands[0], group.leaves == [source], group.outputs.count == 1
    else { return nil }
    let (type, result) = (group.type(of: source), group.type(of: group.outputs[0]))
    let before = margins.before.compactMap(\.constant)
    let after = type.shape.indices.compactMap { (result.shape[$0] - type.shape[$0] - margins.before[$0]).constant }
    guard (before + after).allSatisfy({ $0 >= 0 }), before.count == type.rank, after.count == type.rank, type.rank > 0,
      type.layout == result.layout, type.layout.blocks.isEmpty
    else { return nil }
    (self.group, self.sink, value, self.source, self.before) = (group, sink, margins.value, source, before)
  }

  func lower() throws {
    let kernel = try GroupKernel(group, sink)
    let (builder, evaluator) = (kernel.builder, kernel.evaluator)
    let (type, result) = (group.type(of: source), group.type(of: group.outputs[0]))
    let order = result.layout.axes(rank: result.rank)
    let (outer, inner) = (Array(order.dropLast()), order[order.count - 1])
    let width = builder.extent(result.shape[inner])
    let target = kernel.results[0].buffer
    try LoopNest.rows(builder, outer.map { result.shape[$0] }) { row, places in
      let line = builder.declare("line", row * width)
      var index = [Index](repeating: .zero, count: type.rank)
      var inside: Expression?
      for (axis, place) in zip(outer, places) {
        index[axis] = Index(builder.declare("place", place - .integer(before[axis])))
        if type.shape[axis] == result.shape[axis] { continue }
        let base = index[axis].base
        let own = Expression.binary(
          .logicalAnd, .binary(.greaterEqual, base, 0), .less(base, builder.extent(type.shape[axis])))
        inside = inside.map { .binary(.logicalAnd, $0, own) } ?? own
      }
      let copies = {
        let first = Expression.integer(before[inner])
        let end = builder.declare("end", first + builder.extent(type.shape[inner]))
        try fill(kernel, target, line, from: 0, to: first)
        try LoopNest.vectors(evaluator, lanes: kernel.lanes(type), from: first, to: end) { column, count in
          var place = index
          place[inner] = Index(column.base - first, step: column.step)
          let value = try evaluator.value(source, at: place)
          builder.store(target, line + column.base, value, count: count)
        }
        try fill(kernel, target, line, from: end, to: width)
      }
      guard let inside else { return try copies() }
      try builder.branch(inside, then: copies) { try fill(kernel, target, line, from: 0, to: width) }
    }
    kernel.finish(work: result.count * Dimension(Work.element))
  }

  private func fill(
    _ kernel: GroupKernel, _ target: Buffer, _ line: Expression, from: Expression, to: Expression
  ) throws {
    if from == to { return }
    let type = group.type(of: source).elementType.computeType
    // Margins are short; only the common types are worth vectors.
    let lanes = type == .f32 || type == .f64 ? kernel.lanes(group.type(of: source)) : 1
    try LoopNest.vectors(kernel.evaluator, lanes: lanes, from: from, to: to) { column, count in
      let lanes = column.step == 0 ? 1 : kernel.evaluator.lanes
      let value = Expression.constant(self.value, LoopType(type))
      kernel.builder.store(target, line + column.base, kernel.evaluator.widened(value, lanes: lanes), count: count)
    }
  }
}
