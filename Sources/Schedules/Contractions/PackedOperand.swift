import TensorIR
import TensorOps

/// The layout that matrix products want of their right operand: panels of columns, each with all its steps.
enum PackedOperand {

  /// Writes the kernel that packs a value: for every panel and step, the columns of the panel, zeros behind the last.
  static func pack(
    _ value: ValueID, _ group: Group, into packed: BufferReference, layout: Layout, _ sink: any KernelSink
  ) throws {
    let type = group.type(of: value)
    let builder = KernelBuilder(name: "pack", comments: group.comments)
    let evaluator = ElementEvaluator(group, builder, sink.target)
    let leaves = group.leavesNeeded(by: value)
    for (number, leaf) in leaves.enumerated() {
      evaluator.bind(leaf, to: builder.parameter("x\(number)", group.type(of: leaf).elementType, .read))
    }
    let target = builder.parameter("packed", type.elementType, .write)
    let block = layout.blocks[0]
    let stored = layout.storedShape(type.shape)
    let lanes = sink.target.lanes(of: type.elementType)
    try builder.parallel("row", count: builder.extent(stored.dropLast().reduce(1, *))) { row in
      let places = LoopNest.positions(builder, row, Array(stored.dropLast()))
      var index = [Index](repeating: .zero, count: type.rank)
      for (axis, place) in zip(layout.axes(rank: type.rank), places) { index[axis] = Index(place) }
      let first = builder.declare("first", index[block.axis].base * .integer(block.size))
      let columns = builder.declare(
        "columns", .minimum(.integer(block.size), builder.extent(type.shape[block.axis]) - first))
      let offset = builder.declare("offset", row * .integer(block.size))
      try LoopNest.vectors(evaluator, lanes: lanes, from: 0, to: columns) { column, count in
        var place = index
        place[block.axis] = Index(first + column.base, step: column.step)
        let element = try evaluator.value(value, at: place)
        let wide = column.step == 0 ? element : evaluator.widened(element, lanes: lanes)
        builder.store(target, offset + column.base, wide, count: count)
      }
      builder.loop("pad", from: columns, to: .integer(block.size)) { pad in
        let zero = LoopType(type.elementType.computeType)
        builder.store(target, offset + pad, type.elementType.isFloat ? .number(0, zero) : .literal(0, zero))
      }
    }
    sink.call(
      builder, buffers: try leaves.map { try sink.buffer(of: $0) } + [packed],
      work: stored.reduce(Dimension(Work.element), *),
      at: group.location)
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
