import TensorIR
import TensorOps

/// The layout that matrix products want of their right operand: panels of columns, each with all its steps.
enum PackedOperand {

  /// Writes the kernel that packs a value: for every panel and step, the columns of the panel, zeros behind the last.
  static func pack(
    _ value: ValueID, _ group: Group, into packed: BufferReference, layout: Layout, _ sink: any KernelSink
  ) throws {
    let kernel = try PackingKernel("pack", value, group, into: packed, sink)
    let (builder, evaluator, type) = (kernel.builder, kernel.evaluator, kernel.type)
    let block = layout.blocks[0]
    let stored = layout.storedShape(type.shape)
    try LoopNest.rows(builder, Array(stored.dropLast())) { row, places in
      var index = [Index](repeating: .zero, count: type.rank)
      for (axis, place) in zip(layout.axes(rank: type.rank), places) { index[axis] = Index(place) }
      let first = builder.declare("first", index[block.axis].base * .integer(block.size))
      let offset = builder.declare("offset", row * .integer(block.size))
      func copy(_ columns: Expression) throws {
        try LoopNest.vectors(evaluator, lanes: kernel.lanes, from: 0, to: columns) { column, count in
          var place = index
          place[block.axis] = Index(first + column.base, step: column.step)
          let element = try evaluator.value(value, at: place)
          let wide = column.step == 0 ? element : evaluator.widened(element, lanes: kernel.lanes)
          builder.store(kernel.target, offset + column.base, wide, count: count)
        }
      }
      // Written for the width of a panel: of a loop to a number found while running clang makes a call of memcpy for each row.
      let (all, size) = (type.shape[block.axis], Expression.integer(block.size))
      if sink.symbols.isDivisible(all, by: block.size) { return try copy(size) }
      let columns = builder.declare("columns", builder.extent(all) - first)
      try builder.branch(.less(columns, size)) {
        try copy(columns)
        builder.loop("pad", from: columns, to: size) { builder.store(kernel.target, offset + $0, kernel.zero) }
      } otherwise: {
        try copy(size)
      }
    }
    kernel.finish(elements: stored.reduce(1, *))
  }
}

extension ScheduledOp {
  /// Requires that panels are as wide as this target's.
  func requirePanels(_ fits: Bool, _ type: TensorType) throws {
    if !fits { throw Diagnostic("layout", "'\(name)' was given \(type), which is packed for another target") }
  }
}

extension Group {
  /// The leaves that a value is computed from.
  func leavesNeeded(by value: ValueID) -> [ValueID] { leavesNeeded(by: [value]) }

  func leavesNeeded(by values: [ValueID]) -> [ValueID] {
    var needed = Set(values)
    for operation in operations.reversed() where operation.results.contains(where: { needed.contains($0) }) {
      needed.formUnion(operation.operands.compactMap { $0 })
    }
    return leaves.filter { needed.contains($0) }
  }
}
