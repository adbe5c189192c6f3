import TensorIR
import TensorOps

/// Writes a group in which one operation changes which axis is innermost: square tiles are read in rows and written in
/// columns, so that both sides move whole cache lines.
struct TransposeTiles {
  private let group: Group
  private let evaluator: ElementEvaluator
  private let operation: Operation
  private let source: ValueID
  private let type: TensorType
  /// The axis of the result that each axis of the operand becomes.
  private let axes: [Int]
  /// The axes of the result along which the operand and the result are contiguous.
  private let readAxis: Int
  private let writeAxis: Int
  private let lanes: Int
  private var builder: KernelBuilder { evaluator.builder }

  /// Nil where nothing is transposed, or where an axis is shorter than tiles are worth.
  ///
  /// - Parameter result: what is transposed, where it is to be this and nothing else.
  init?(_ group: Group, _ evaluator: ElementEvaluator, _ type: TensorType, lanes: Int, result: ValueID? = nil) {
    guard type.layout.blocks.isEmpty, let write = type.memoryAxes?.last else { return nil }
    let candidates = group.operations.filter { result == nil || $0.results[0] == result }
    let found = candidates.compactMap { operation -> (Operation, source: ValueID, axes: [Int], read: Int)? in
      guard let axes = group.accessMap(operation)?.permutedAxes(rank: type.rank), let source = operation.operands[0],
        let from = group.type(of: source).memoryAxes?.last, axes[from] != write
      else { return nil }
      return (operation, source, axes, axes[from])
    }
    guard let (operation, source, axes, read) = found.first, found.count == 1,
      group.type(of: operation.results[0]).shape == type.shape
    else { return nil }
    for axis in [read, write] { if let extent = type.shape[axis].constant, extent < 8 { return nil } }
    (self.group, self.evaluator, self.operation, self.source) = (group, evaluator, operation, source)
    (self.type, self.axes, readAxis, writeAxis, self.lanes) = (type, axes, read, write, lanes)
  }

  /// - Parameter shift: gives the place in the results of a place in what is transposed.
  func write(_ results: [(ValueID, Buffer)], _ shift: @escaping ([Index]) -> [Index] = { $0 }) throws {
    let outer = type.layout.axes(rank: type.rank).filter { $0 != readAxis && $0 != writeAxis }
    let extents = outer.map { type.shape[$0] }
    let (reads, writes) = (builder.extent(type.shape[readAxis]), builder.extent(type.shape[writeAxis]))
    let size = Expression.integer(evaluator.target.tuning.elements.transposedVectors * lanes)
    let across = builder.declare("across", (reads + size - 1) / size)
    let down = builder.declare("down", (writes + size - 1) / size)
    try builder.parallel("piece", count: builder.extent(extents.reduce(1, *)) * across * down) { piece in
      var index = [Index](repeating: .zero, count: type.rank)
      let row = builder.declare("row", piece / (across * down))
      for (axis, place) in zip(outer, LoopNest.positions(builder, row, extents)) { index[axis] = Index(place) }
      let left = builder.declare("left", piece / down % across * size)
      let top = builder.declare("top", piece % down * size)
      let right = builder.declare("right", .minimum(left + size, reads))
      let bottom = builder.declare("bottom", .minimum(top + size, writes))
      try writeTile(results, index, (left, right), (top, bottom), shift)
    }
  }

  /// A tile: what is read in rows is turned into an array, each row of which is written in vectors.
  private func writeTile(
    _ results: [(ValueID, Buffer)], _ index: [Index], _ r: (Expression, Expression), _ w: (Expression, Expression),
    _ shift: ([Index]) -> [Index]
  ) throws {
    let element = group.type(of: source).elementType.computeType
    let side = evaluator.target.tuning.elements.transposedVectors * lanes
    // Rows a power of two apart would fall into few sets of the cache.
    let stride = Expression.integer(side + lanes)
    let tile = builder.array("tile", element, count: side * (side + lanes))
    let blocks = TransposeBlocks(
      evaluator, source, lanes: lanes, tile: tile, stride: side + lanes,
      read: (from: r.0, to: r.1, extent: type.shape[readAxis]),
      write: (from: w.0, to: w.1, extent: type.shape[writeAxis])
    ) { operandIndex(place(index, $0, $1)) }
    try blocks.fill()
    defer { evaluator.unbind(operation.results[0]) }
    try builder.loop("j", from: r.0, to: r.1) { j in
      try LoopNest.vectors(evaluator, lanes: lanes, from: w.0, to: w.1) { column, count in
        let place = self.place(index, Index(j), column)
        evaluator.bind(operation.results[0]) { asked in
          if asked != place { throw NotVectorizable() }
          let offset = (j - r.0) * stride + (column.base - w.0)
          return try evaluator.load(tile, offset: offset, step: .integer(column.step))
        }
        try store(results, shift(place), count)
      }
    }
  }

  private func place(_ index: [Index], _ read: Index, _ write: Index) -> [Index] {
    var place = index
    (place[readAxis], place[writeAxis]) = (read, write)
    return place
  }

  private func operandIndex(_ place: [Index]) -> [Index] { axes.map { place[$0] } }

  private func store(_ results: [(ValueID, Buffer)], _ place: [Index], _ count: Expression?) throws {
    // All are computed before any is stored: a result may take over the memory of an operand of another.
    let values = try results.map { try evaluator.value($0.0, at: place) }
    for ((id, buffer), value) in zip(results, values) {
      let (offset, step) = try evaluator.offset(group.type(of: id), at: place)
      let isVector = evaluator.lanes > 1
      if isVector && step.constantIndex != 1 { throw NotVectorizable() }
      builder.store(
        buffer, offset, isVector ? evaluator.widened(value, lanes: evaluator.lanes) : value,
        count: isVector ? count : nil)
    }
  }
}
