import TensorIR
import TensorOps

/// Writes the elements behind a row of a result: those with the same places on the axes up to `axis`.
struct RowWriter {
  let kernel: GroupKernel
  let result: (id: ValueID, buffer: Buffer)
  let type: TensorType
  let axis: Int

  /// Stores a value at every index that starts with `row`.
  func columns(_ row: [Index], _ value: ([Index]) throws -> Expression) throws {
    let evaluator = kernel.evaluator
    let start = row + (axis + 1..<type.rank).map { _ in Index.zero }
    guard axis + 1 < type.rank else {
      return try evaluator.scope(lanes: 1) { try store(start, nil, try value(start)) }
    }
    let last = type.rank - 1
    try kernel.loops(Array(axis + 1..<last), of: type.shape, start) { index in
      let to = kernel.builder.extent(type.shape[last])
      try LoopNest.vectors(evaluator, lanes: kernel.lanes(type), from: 0, to: to) { column, count in
        var place = index
        place[last] = column
        try store(place, count, try value(place))
      }
    }
  }

  func store(_ index: [Index], _ count: Expression?, _ value: Expression) throws {
    let (offset, step) = try kernel.evaluator.offset(type, at: index)
    let isVector = index.contains { $0.step != 0 }
    if isVector && step.constantIndex != 1 { throw NotVectorizable() }
    let wide = kernel.evaluator.widened(value, lanes: isVector ? kernel.evaluator.lanes : 1)
    kernel.builder.store(result.buffer, offset, wide, count: count)
  }
}
