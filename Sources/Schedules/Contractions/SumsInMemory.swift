import TensorIR
import TensorOps

/// Rows of sums that lie in memory while products are added to them, chunk by chunk.
struct SumsInMemory {
  let builder: KernelBuilder
  let memory: Buffer
  let element: ElementType
  let lanes: Int
  /// From one row to the next.
  let stride: Expression

  /// Sets a block to zero.
  func clear(from origin: Expression, rows: Expression, columns: Expression) {
    builder.loop("row", to: rows) { row in
      let start = builder.declare("row_from", origin + row * stride)
      builder.loop("column", to: columns, step: .integer(lanes)) { column in
        builder.store(memory, start + column, .number(0, LoopType(element, lanes: lanes)))
      }
    }
  }

  /// Adds a tile in registers.
  func add(_ sums: [[Variable]], to offset: Expression) {
    let start = builder.declare("start", offset)
    for (line, parts) in sums.enumerated() {
      for (part, sum) in parts.enumerated() {
        let place = builder.declare("sum", start + .integer(line) * stride + .integer(part * lanes))
        builder.store(memory, place, .load(memory, place, lanes: lanes) + .variable(sum))
      }
    }
  }
}
