import TensorIR
import TensorOps

/// Copies the operands of a product of bytes to where four steps of a sum are one word, computing on the way what the group
/// makes them of.
struct PackedBytes {
  let group: Group
  let sink: any KernelSink

  /// Rows, each filled up with zeros to a width.
  func rows(_ value: ValueID, into memory: BufferReference, width: Dimension) throws {
    let kernel = try PackingKernel("pack_rows", value, group, into: memory, sink)
    let (builder, type) = (kernel.builder, kernel.type)
    let outer = Array(type.shape.dropLast())
    let (columns, padded) = (builder.extent(type.shape[type.rank - 1]), builder.extent(width))
    try builder.parallel("row", count: builder.extent(outer.reduce(1, *))) { row in
      let places = LoopNest.positions(builder, row, outer).map { Index($0) }
      let start = builder.declare("start", row * padded)
      try LoopNest.vectors(kernel.evaluator, lanes: kernel.lanes, from: 0, to: columns) {
        column, count in
        let element = try kernel.evaluator.value(value, at: places + [column])
        let lanes = column.step == 0 ? 1 : kernel.evaluator.lanes
        builder.store(
          kernel.target, start + column.base, kernel.evaluator.widened(element, lanes: lanes), count: count)
      }
      builder.loop("pad", from: columns, to: padded) { pad in
        builder.store(kernel.target, start + pad, kernel.zero)
      }
    }
    kernel.finish(elements: outer.reduce(width, *))
  }

  /// Panels of columns in which four steps of each column lie together, filled up with zeros.
  func panels(_ value: ValueID, into memory: BufferReference, layout: Layout) throws {
    let kernel = try PackingKernel("pack_panels", value, group, into: memory, sink)
    let (builder, type) = (kernel.builder, kernel.type)
    let stored = layout.storedShape(type.shape)
    let outer = Array(stored.dropLast(2))
    let (width, together) = (layout.blocks[0].size, layout.blocks[1].size)
    let (n, k) = (builder.extent(type.shape[type.rank - 1]), builder.extent(type.shape[type.rank - 2]))
    try builder.parallel("row", count: builder.extent(outer.reduce(1, *))) { row in
      let places = LoopNest.positions(builder, row, outer)
      let start = builder.declare("start", row * .integer(width * together))
      let first = builder.declare("first", places[places.count - 2] * .integer(width))
      let step = builder.declare("step", places[places.count - 1] * .integer(together))
      let columns = builder.declare("columns", .minimum(.integer(width), n - first))
      let steps = builder.declare("steps", .minimum(.integer(together), k - step))
      builder.branch(.less(columns * steps, .integer(width * together))) {
        builder.loop("pad", from: 0, to: .integer(width * together)) {
          builder.store(kernel.target, start + $0, kernel.zero)
        }
      }
      try builder.loop("j", from: 0, to: steps) { j in
        try builder.loop("c", from: 0, to: columns) { c in
          let index = places.dropLast(2).map { Index($0) } + [Index(step + j), Index(first + c)]
          let element = try kernel.evaluator.scope(lanes: 1) { try kernel.evaluator.value(value, at: index) }
          builder.store(kernel.target, start + c * .integer(together) + j, element)
        }
      }
    }
    kernel.finish(elements: stored.reduce(1, *))
  }
}
