import TensorIR
import TensorOps

extension MatmulNBits: ScheduledOp {
  public func acceptsTileFusion(_ types: [TensorType]) -> Bool { true }

  private func width(_ target: Target) -> Int { TileShape.matmul(target).columns(target, .f32) }

  /// Weights stay codes until they are in registers, a word of several steps for each column at a time.
  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    guard let x = anchor.operands[0], let codes = anchor.operands[1] else { return }
    let result = group.type(of: anchor.results[0])
    let width = width(sink.target)
    let panels = try PackedWords(group: group, sink: sink, together: together)
      .panels(codes, layout: MatmulNBits.panels(width: width))
    let factors = try anchor.operands.dropFirst(2).compactMap { $0 }.map { value in
      try self.factors(value, group, MatmulNBits.factorPanels(width: width), sink)
    }
    let k = group.type(of: x).shape[result.rank - 1]
    let words = Dimension(block / together)
    let problem = ContractionProblem(
      blocks: 1, rows: result.shape.dropLast().reduce(1, *), columns: result.shape[result.rank - 1],
      leftOrigin: { _, _ in 0 }, rightOrigin: { _, _ in 0 }, leftRow: k, leftStep: 1,
      runs: [(count: k.floorDivided(by: Dimension(block)), offset: Dimension(block))], runLength: words)
    var schedule = ContractionSchedule(
      group: group, anchor: anchor, sink: sink, left: (try sink.buffer(of: x), .f32), right: (panels, .i32),
      problem: problem)
    schedule.codes = ContractionSchedule.Codes(bits: bits, block: block, factors: factors)
    try schedule.lower()
  }

  /// Where scales lie beside the panels: packed when the function was compiled, or in scratch memory.
  private func factors(
    _ value: ValueID, _ group: Group, _ layout: Layout, _ sink: any KernelSink
  ) throws -> BufferReference {
    let type = group.type(of: value)
    if !type.layout.blocks.isEmpty {
      try requirePanels(type.layout == layout, type)
      return try sink.buffer(of: value)
    }
    let memory = sink.scratch("factors", bytes: type.with(layout: layout).byteCount, perThread: false)
    try PackedOperand.pack(value, group, into: memory, layout: layout, sink)
    return memory
  }
}

extension MatmulNBits: LayoutChoosingOp {
  /// Constant weights and scales in panels, packed once for all calls.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    let width = width(builder.target)
    var ready: [ValueID?] = []
    for (index, operand) in operands.enumerated() {
      guard let operand else { ready.append(nil); continue }
      let panels = index == 1 ? MatmulNBits.panels(width: width) : MatmulNBits.factorPanels(width: width)
      ready.append(try builder.reordered(operand, index > 0 && builder.isConstant(operand) ? panels : .plain))
    }
    return try builder.add(self, ready, layout: nil)
  }
}
