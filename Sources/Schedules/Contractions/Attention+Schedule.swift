import TensorIR
import TensorOps

extension Attention: ScheduledOp {
  /// Keys and values are packed, and bias and mask are looked at element by element, so what makes them is computed there.
  public func acceptsLoadFusion(_ operand: Int, _ types: [TensorType]) -> Bool { operand > 0 }

  public func lower(_ group: Group, anchor: Operation, into sink: any KernelSink) throws {
    let element = group.type(of: anchor.results[0]).elementType
    let width = TileShape.matmul(sink.target).columns(sink.target, element)
    func packed(_ operand: Int, _ name: String, _ product: Matmul) throws -> (BufferReference, Layout) {
      guard let id = anchor.operands[operand] else { throw Diagnostic("internal", "'attention' without operands") }
      let type = group.type(of: id)
      let layout = product.rightLayout(type, width: width)
      let memory = sink.scratch(name, bytes: type.with(layout: layout).byteCount, perThread: false)
      try PackedOperand.pack(id, group, into: memory, layout: layout, sink)
      return (memory, layout)
    }
    let keys = try packed(1, "keys", Matmul(transposeRight: true))
    let values = try packed(2, "values", Matmul())
    try AttentionSchedule(self, group, anchor, sink, keys: keys.0, values: values.0).lower()
  }
}

extension Attention: LayoutChoosingOp {
  /// Everything is read where it lies. The result has its heads, the axis before the last two, behind its rows: merging the
  /// heads, which is what comes next, then moves nothing.
  public func build(_ operands: [ValueID?], _ builder: inout some LayoutBuilder) throws -> ValueID {
    let ready = try operands.map { id in
      try id.map { builder.type(of: $0).layout.blocks.isEmpty ? $0 : try builder.reordered($0, .plain) }
    }
    let ranks = operands.prefix(3).compactMap { $0.map { builder.type(of: $0).rank } }
    guard let rank = ranks.max(), rank > 3 else { return try builder.add(self, ready, layout: nil) }
    let order = Array(0..<rank - 3) + [rank - 2, rank - 3, rank - 1]
    return try builder.add(self, ready, layout: Layout(order: order))
  }
}
