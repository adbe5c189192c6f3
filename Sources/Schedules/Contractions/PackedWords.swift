import TensorIR
import TensorOps

/// Puts the operands of a product of words to where several steps of a sum are one word of 32 bits, computing on the way what
/// the group makes them of.
struct PackedWords {
  let group: Group
  let sink: any KernelSink
  /// How many steps are a word: four bytes, two of bf16.
  let together: Int

  /// Where a left operand lies as whole words along the last axis of an order: filled up with zeros in scratch memory, or where
  /// it is, if that is so already.
  func words(_ value: ValueID, order: [Int]) throws -> BufferReference {
    let type = group.type(of: value)
    let inner = type.shape[order[order.count - 1]]
    if group.leaves.contains(value), type.layout.axes(rank: type.rank) == order, type.layout.blocks.isEmpty,
      sink.symbols.isDivisible(inner, by: together), case .temporary = try sink.buffer(of: value)
    {
      return try sink.buffer(of: value)
    }
    let width = inner.ceilingDivided(by: Dimension(together)) * Dimension(together)
    let outer = order.dropLast().map { type.shape[$0] }
    let memory = sink.scratch(
      "rows", bytes: outer.reduce(width, *) * Dimension(type.elementType.bitWidth / 8), perThread: false)
    try rows(value, order: order, into: memory, width: width)
    return memory
  }

  /// Rows, each filled up with zeros to a width.
  private func rows(_ value: ValueID, order: [Int], into memory: BufferReference, width: Dimension) throws {
    let kernel = try PackingKernel("pack_rows", value, group, into: memory, sink)
    let (builder, type) = (kernel.builder, kernel.type)
    let (outer, inner) = (Array(order.dropLast()), order[order.count - 1])
    let extents = outer.map { type.shape[$0] }
    let (columns, padded) = (builder.extent(type.shape[inner]), builder.extent(width))
    try builder.parallel("row", count: builder.extent(extents.reduce(1, *))) { row in
      var index = [Index](repeating: .zero, count: type.rank)
      for (axis, place) in zip(outer, LoopNest.positions(builder, row, extents)) { index[axis] = Index(place) }
      let start = builder.declare("start", row * padded)
      try LoopNest.vectors(kernel.evaluator, lanes: kernel.lanes, from: 0, to: columns) {
        column, count in
        var place = index
        place[inner] = column
        let element = try kernel.evaluator.value(value, at: place)
        let lanes = column.step == 0 ? 1 : kernel.evaluator.lanes
        builder.store(
          kernel.target, start + column.base, kernel.evaluator.widened(element, lanes: lanes), count: count)
      }
      builder.loop("pad", from: columns, to: padded) { pad in
        builder.store(kernel.target, start + pad, kernel.zero)
      }
    }
    kernel.finish(elements: extents.reduce(width, *))
  }

  /// Where a right operand lies in panels: packed when the function was compiled, or in scratch memory.
  func panels(_ value: ValueID, layout: Layout) throws -> BufferReference {
    let type = group.type(of: value)
    guard type.layout.blocks.isEmpty else {
      guard type.layout == layout else {
        throw Diagnostic("layout", "the right operand is \(type), which is packed for another target")
      }
      return try sink.buffer(of: value)
    }
    let memory = sink.scratch("packed", bytes: type.with(layout: layout).byteCount, perThread: false)
    try panels(value, into: memory, layout: layout)
    return memory
  }

  /// Panels of columns in which the steps of a word lie together, filled up with zeros.
  private func panels(_ value: ValueID, into memory: BufferReference, layout: Layout) throws {
    let kernel = try PackingKernel("pack_panels", value, group, into: memory, sink)
    let (builder, type) = (kernel.builder, kernel.type)
    let stored = layout.storedShape(type.shape)
    let outer = Array(stored.dropLast(2))
    let (wide, deep) = (layout.blocks[0], layout.blocks[1])
    let (n, k) = (builder.extent(type.shape[wide.axis]), builder.extent(type.shape[deep.axis]))
    let size = Expression.integer(wide.size * deep.size)
    try builder.parallel("row", count: builder.extent(outer.reduce(1, *))) { row in
      var index = [Index](repeating: .zero, count: type.rank)
      for (axis, place) in zip(layout.axes(rank: type.rank), LoopNest.positions(builder, row, outer)) {
        index[axis] = Index(place)
      }
      let start = builder.declare("start", row * size)
      let first = builder.declare("first", index[wide.axis].base * .integer(wide.size))
      let step = builder.declare("step", index[deep.axis].base * .integer(deep.size))
      let columns = builder.declare("columns", .minimum(.integer(wide.size), n - first))
      let steps = builder.declare("steps", .minimum(.integer(deep.size), k - step))
      builder.branch(.less(columns * steps, size)) {
        builder.loop("pad", from: 0, to: size) { builder.store(kernel.target, start + $0, kernel.zero) }
      }
      try builder.loop("j", from: 0, to: steps) { j in
        try builder.loop("c", from: 0, to: columns) { c in
          var place = index
          (place[deep.axis], place[wide.axis]) = (Index(step + j), Index(first + c))
          let element = try kernel.evaluator.scope(lanes: 1) { try kernel.evaluator.value(value, at: place) }
          builder.store(kernel.target, start + c * .integer(deep.size) + j, element)
        }
      }
    }
    kernel.finish(elements: stored.reduce(1, *))
  }
}
