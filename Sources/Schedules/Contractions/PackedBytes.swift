import TensorIR
import TensorOps

/// Copies the operands of a product of bytes to where four steps of a sum are one word, computing on the way what the group
/// makes them of.
struct PackedBytes {
  let group: Group
  let sink: any KernelSink

  private struct Kernel {
    let builder: KernelBuilder
    let evaluator: ElementEvaluator
    let target: Buffer
    let references: [BufferReference]
  }

  private func kernel(_ name: String, _ value: ValueID, _ memory: BufferReference) throws -> Kernel {
    let builder = KernelBuilder(name: name, comments: group.comments)
    let evaluator = ElementEvaluator(group, builder, sink.target)
    let leaves = group.leavesNeeded(by: value)
    for (number, leaf) in leaves.enumerated() {
      evaluator.bind(leaf, to: builder.parameter("x\(number)", group.type(of: leaf).elementType, .read))
    }
    let target = builder.parameter("packed", group.type(of: value).elementType, .write)
    return Kernel(
      builder: builder, evaluator: evaluator, target: target,
      references: try leaves.map { try sink.buffer(of: $0) } + [memory])
  }

  private func finish(_ kernel: Kernel, work: Dimension) {
    sink.call(
      kernel.builder, buffers: kernel.references, work: work * Dimension(Work.element), at: group.location)
  }

  /// Rows, each filled up with zeros to a width.
  func rows(_ value: ValueID, into memory: BufferReference, width: Dimension) throws {
    let type = group.type(of: value)
    let kernel = try kernel("pack_rows", value, memory)
    let builder = kernel.builder
    let outer = Array(type.shape.dropLast())
    let (columns, padded) = (builder.extent(type.shape[type.rank - 1]), builder.extent(width))
    try builder.parallel("row", count: builder.extent(outer.reduce(1, *))) { row in
      let places = LoopNest.positions(builder, row, outer).map { Index($0) }
      let start = builder.declare("start", row * padded)
      try LoopNest.vectors(kernel.evaluator, lanes: sink.target.lanes(of: type.elementType), from: 0, to: columns) {
        column, count in
        let element = try kernel.evaluator.value(value, at: places + [column])
        let lanes = column.step == 0 ? 1 : kernel.evaluator.lanes
        builder.store(
          kernel.target, start + column.base, kernel.evaluator.widened(element, lanes: lanes), count: count)
      }
      builder.loop("pad", from: columns, to: padded) { pad in
        builder.store(kernel.target, start + pad, .literal(0, LoopType(type.elementType.computeType)))
      }
    }
    finish(kernel, work: outer.reduce(width, *))
  }

  /// Panels of columns in which four steps of each column lie together, filled up with zeros.
  func panels(_ value: ValueID, into memory: BufferReference, layout: Layout) throws {
    let type = group.type(of: value)
    let kernel = try kernel("pack_panels", value, memory)
    let builder = kernel.builder
    let stored = layout.storedShape(type.shape)
    let outer = Array(stored.dropLast(2))
    let (width, together) = (layout.blocks[0].size, layout.blocks[1].size)
    let (n, k) = (builder.extent(type.shape[type.rank - 1]), builder.extent(type.shape[type.rank - 2]))
    let zero = Expression.literal(0, LoopType(type.elementType.computeType))
    try builder.parallel("row", count: builder.extent(outer.reduce(1, *))) { row in
      let places = LoopNest.positions(builder, row, outer)
      let start = builder.declare("start", row * .integer(width * together))
      let first = builder.declare("first", places[places.count - 2] * .integer(width))
      let step = builder.declare("step", places[places.count - 1] * .integer(together))
      let columns = builder.declare("columns", .minimum(.integer(width), n - first))
      let steps = builder.declare("steps", .minimum(.integer(together), k - step))
      builder.branch(.less(columns * steps, .integer(width * together))) {
        builder.loop("pad", from: 0, to: .integer(width * together)) { builder.store(kernel.target, start + $0, zero) }
      }
      try builder.loop("j", from: 0, to: steps) { j in
        try builder.loop("c", from: 0, to: columns) { c in
          let index = places.dropLast(2).map { Index($0) } + [Index(step + j), Index(first + c)]
          let element = try kernel.evaluator.scope(lanes: 1) { try kernel.evaluator.value(value, at: index) }
          builder.store(kernel.target, start + c * .integer(together) + j, element)
        }
      }
    }
    finish(kernel, work: stored.reduce(1, *))
  }
}
