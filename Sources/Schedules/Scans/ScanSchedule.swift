import TensorIR
import TensorOps

/// Writes the kernels of a scan. Threads take lines, vectors of neighbouring lines where the axis is not the last; few
/// long lines are cut into chunks, walked once for each chunk's state and once more from the state before it. Which way
/// is taken, and what a chunk is, depend on the shape alone, so the bits do not depend on the number of threads.
struct ScanSchedule {
  let op: any ScanOp
  let group: Group
  let anchor: Operation
  let sink: any KernelSink
  private let x: TensorType

  private var tuning: Tuning.Scans { sink.target.tuning.scans }

  init(_ op: any ScanOp, _ group: Group, _ anchor: Operation, _ sink: any KernelSink) {
    (self.op, self.group, self.anchor, self.sink) = (op, group, anchor, sink)
    x = group.type(of: anchor.operands[0])
  }

  private var length: Dimension { x.shape[op.axis] }
  private var inner: Dimension { x.shape.suffix(from: op.axis + 1).reduce(1, *) }
  private var outer: Dimension { x.shape.prefix(op.axis).reduce(1, *) }
  private var compute: ElementType { x.elementType.computeType }

  /// 1 where lines are cut into chunks, otherwise 0.
  private var isCut: Dimension {
    let isLong = Dimension.minimum(1, length.floorDivided(by: Dimension(2 * tuning.chunk)))
    return isLong * (1 - .minimum(1, (outer * inner).floorDivided(by: Dimension(tuning.manyLines))))
  }

  /// A kernel being written.
  private struct Kernel {
    let builder: KernelBuilder
    var sources: [Buffer] = []
    var references: [BufferReference] = []
    let length: Expression
    let inner: Expression
    var lanes = 1
  }

  func lower() throws {
    if isCut.constant != 1 { try lines() }
    if isCut.constant != 0 { try chunks() }
  }

  private func kernel(_ name: String) throws -> Kernel {
    let builder = KernelBuilder(name: "\(op.name)_\(name)", comments: group.comments, for: sink.target)
    var kernel = Kernel(builder: builder, length: builder.extent(length), inner: builder.extent(inner))
    for (number, operand) in anchor.operands.compactMap({ $0 }).enumerated() {
      kernel.sources.append(builder.parameter("x\(number)", x.elementType, .read))
      kernel.references.append(try sink.buffer(of: operand))
    }
    return kernel
  }

  private func result(_ kernel: inout Kernel) throws -> Buffer {
    kernel.references.append(try sink.buffer(of: anchor.results[0]))
    return kernel.builder.parameter("y", x.elementType, .write)
  }

  private func finish(_ kernel: Kernel, work: Dimension) {
    sink.call(
      kernel.builder, buffers: kernel.references, work: x.count * work * Dimension(Work.element), at: group.location)
  }

  /// Runs `body` where the sizes ask for this way.
  private func where_(_ condition: Dimension, _ builder: KernelBuilder, _ body: () -> Void) {
    if condition.constant == 1 { return body() }
    builder.branch(.less(0, builder.extent(condition)), then: body)
  }

  // MARK: Lines

  private func lines() throws {
    var kernel = try kernel("lines")
    let result = try result(&kernel)
    let builder = kernel.builder
    let isWide = inner.constant != 1 && compute.bitWidth >= 32
    kernel.lanes = isWide ? sink.target.lanes(of: x.elementType) : 1
    where_(1 - isCut, builder) {
      let columns =
        isWide
        ? builder.declare("columns", (kernel.inner + .integer(kernel.lanes - 1)) / .integer(kernel.lanes))
        : kernel.inner
      builder.parallel("line", count: builder.extent(outer) * columns) { line in
        let row = builder.declare("row", line / columns)
        let column = builder.declare("column", line % columns * .integer(kernel.lanes))
        let count = isWide ? builder.declare("count", .minimum(.integer(kernel.lanes), kernel.inner - column)) : nil
        let start = builder.declare("start", row * kernel.length * kernel.inner + column)
        func whole(_ count: Expression?) {
          let state = self.state(kernel)
          walk(kernel, start, from: 0, to: kernel.length, state, into: result, count: count)
        }
        if let count {
          builder.branch(
            .binary(.equal, count, .integer(kernel.lanes)), then: { whole(nil) }, otherwise: { whole(count) })
        } else {
          whole(nil)
        }
      }
    }
    finish(kernel, work: 1 - isCut)
  }

  private func state(_ kernel: Kernel, _ values: [Expression]? = nil) -> [Variable] {
    let type = LoopType(compute, lanes: kernel.lanes)
    return (values ?? op.initial(type)).enumerated().map { kernel.builder.mutable("state\($0)", $1) }
  }

  /// Walks a line from one number of elements to another, storing what the result holds.
  private func walk(
    _ kernel: Kernel, _ start: Expression, from: Expression, to: Expression, _ state: [Variable],
    into result: Buffer? = nil, count: Expression? = nil
  ) {
    let builder = kernel.builder
    let type = LoopType(compute, lanes: kernel.lanes)
    builder.loop("i", from: from, to: to) { i in
      let position = op.reverse ? kernel.length - 1 - i : i
      let offset = builder.declare("offset", start + position * kernel.inner)
      let elements = kernel.sources.map { source in
        let load = count.map { Expression.loadPartial(source, offset, lanes: kernel.lanes, count: $0) }
        return builder.declare("x", load ?? .load(source, offset, lanes: kernel.lanes))
      }
      if op.exclusive, let result { builder.store(result, offset, .variable(state[0]), count: count) }
      let next = op.next(state.map { .variable($0) }, elements, type)
      for (variable, value) in zip(state, next) { builder.assign(variable, value) }
      if !op.exclusive, let result { builder.store(result, offset, .variable(state[0]), count: count) }
    }
  }

  // MARK: Chunks

  private func chunks() throws {
    let chunks = length.ceilingDivided(by: Dimension(tuning.chunk))
    let parts = op.initial(LoopType(compute)).count
    let bytes = outer * inner * chunks * isCut * Dimension(parts * compute.bitWidth / 8)
    let memory = sink.scratch("states", bytes: bytes, perThread: false)
    var first = try kernel("states")
    first.references.append(memory)
    let states = first.builder.parameter("states", compute, .write)
    pieces(first, chunks) { piece, start, from, to, _ in
      let state = self.state(first)
      walk(first, start, from: from, to: to, state)
      for (part, variable) in state.enumerated() {
        first.builder.store(states, piece * .integer(parts) + .integer(part), .variable(variable))
      }
    }
    finish(first, work: isCut)
    var second = try kernel("chunks")
    second.references.append(memory)
    let known = second.builder.parameter("states", compute, .read)
    let result = try result(&second)
    pieces(second, chunks) { piece, start, from, to, before in
      let builder = second.builder
      let state = self.state(second)
      builder.loop("c", from: piece - before, to: piece) { c in
        let more = (0..<parts).map { part in
          builder.declare("more", .load(known, c * .integer(parts) + .integer(part), lanes: 1))
        }
        let joined = op.join(state.map { .variable($0) }, more, LoopType(compute))
        for (variable, value) in zip(state, joined) { builder.assign(variable, value) }
      }
      walk(second, start, from: from, to: to, state, into: result)
    }
    finish(second, work: isCut)
  }

  /// Divides the chunks of all lines; `body` gets a chunk's number, where its line starts, from which element of the walk to
  /// which it goes, and how many chunks of the line come before it.
  private func pieces(
    _ kernel: Kernel, _ chunks: Dimension,
    _ body: (Expression, Expression, Expression, Expression, Expression) -> Void
  ) {
    let builder = kernel.builder
    where_(isCut, builder) {
      let chunks = builder.extent(chunks)
      builder.parallel("piece", count: builder.extent(outer * inner) * chunks) { piece in
        let line = builder.declare("line", piece / chunks)
        let number = builder.declare("number", piece % chunks)
        let from = builder.declare("from", number * .integer(tuning.chunk))
        let to = builder.declare("to", .minimum(from + .integer(tuning.chunk), kernel.length))
        let start = line / kernel.inner * (kernel.length * kernel.inner) + line % kernel.inner
        body(piece, builder.declare("start", start), from, to, number)
      }
    }
  }
}
