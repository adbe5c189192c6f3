import TensorIR

/// Writes a group in which one operation changes which axis is innermost: square tiles are read in rows and written in
/// columns, so that both sides move whole cache lines.
struct TransposeTiles {
  private let group: Group
  private let evaluator: ElementEvaluator
  private let operation: Operation
  private let source: ValueID
  private let type: TensorType
  /// The axes of the result along which the operand and the result are contiguous.
  private let readAxis: Int
  private let writeAxis: Int
  private let lanes: Int
  private var builder: KernelBuilder { evaluator.builder }

  /// Vectors of a piece of work along each axis: so many pages are touched at once, and lines of memory are used up.
  private static let readVectors = 4
  private static let writeVectors = 8

  /// Nil where nothing is transposed, or where an axis is shorter than tiles are worth.
  init?(_ group: Group, _ evaluator: ElementEvaluator, _ type: TensorType, lanes: Int) {
    let found = group.operations.filter { $0.op is Transpose || $0.op is Reorder }
    guard let operation = found.first, found.count == 1, let source = operation.operands[0], type.layout.blocks.isEmpty,
      group.type(of: operation.results[0]).shape == type.shape,
      let from = group.type(of: source).memoryAxes?.last, let write = type.memoryAxes?.last
    else { return nil }
    let read = (operation.op as? Transpose).map { $0.permutation.firstIndex(of: from) ?? from } ?? from
    if read == write || lanes < 4 { return nil }
    for axis in [read, write] { if let extent = type.shape[axis].constant, extent < lanes { return nil } }
    (self.group, self.evaluator, self.operation, self.source) = (group, evaluator, operation, source)
    (self.type, readAxis, writeAxis, self.lanes) = (type, read, write, lanes)
  }

  func write(_ results: [(ValueID, Buffer)]) throws {
    let outer = type.layout.axes(rank: type.rank).filter { $0 != readAxis && $0 != writeAxis }
    let extents = outer.map { type.shape[$0] }
    let (reads, writes) = (builder.extent(type.shape[readAxis]), builder.extent(type.shape[writeAxis]))
    let (readBlock, writeBlock) = (TransposeTiles.readVectors * lanes, TransposeTiles.writeVectors * lanes)
    let readBlocks = builder.declare("across", (reads + .integer(readBlock - 1)) / .integer(readBlock))
    let writeBlocks = builder.declare("down", (writes + .integer(writeBlock - 1)) / .integer(writeBlock))
    let count = builder.extent(extents.reduce(1, *)) * readBlocks * writeBlocks
    try builder.parallel("piece", count: count) { piece in
      var index = [Index](repeating: .zero, count: type.rank)
      let block = builder.declare("block", piece % (readBlocks * writeBlocks))
      let row = builder.declare("row", piece / (readBlocks * writeBlocks))
      for (axis, place) in zip(outer, LoopNest.positions(builder, row, extents)) { index[axis] = Index(place) }
      let left = builder.declare("left", block / writeBlocks * .integer(readBlock))
      let top = builder.declare("top", block % writeBlocks * .integer(writeBlock))
      let size = Expression.integer(lanes)
      let right = builder.declare("right", .minimum(left + .integer(readBlock), reads))
      let bottom = builder.declare("bottom", .minimum(top + .integer(writeBlock), writes))
      try builder.loop("r", from: left, to: right, step: size) { r in
        try builder.loop("w", from: top, to: bottom, step: size) { w in
          let isWhole = Expression.binary(
            .logicalAnd, .binary(.lessEqual, r + size, right), .binary(.lessEqual, w + size, bottom))
          try builder.branch(isWhole) {
            try writeTile(results, index, r, w)
          } otherwise: {
            try writeEdge(results, index, (r, .minimum(r + size, right)), (w, .minimum(w + size, bottom)))
          }
        }
      }
    }
  }

  /// A square of vectors: read along one axis into an array, written along the other.
  private func writeTile(_ results: [(ValueID, Buffer)], _ index: [Index], _ r: Expression, _ w: Expression) throws {
    let element = group.type(of: source).elementType.computeType
    let tile = builder.array("tile", element, count: lanes * lanes)
    try builder.loop("i", to: .integer(lanes), unroll: .full) { i in
      try evaluator.scope(lanes: lanes) {
        let place = self.place(index, Index(r, step: 1), Index(w + i))
        let value = try evaluator.value(source, at: operandIndex(place))
        builder.store(tile, i * .integer(lanes), evaluator.widened(value, lanes: lanes))
      }
    }
    defer { evaluator.unbind(operation.results[0]) }
    try builder.loop("i", to: .integer(lanes), unroll: .full) { i in
      try evaluator.scope(lanes: lanes) {
        let place = self.place(index, Index(r + i), Index(w, step: 1))
        evaluator.bind(operation.results[0]) { asked in
          if asked != place { throw NotVectorizable() }
          return try evaluator.load(tile, offset: i, step: .integer(lanes))
        }
        try store(results, place)
      }
    }
  }

  private func writeEdge(
    _ results: [(ValueID, Buffer)], _ index: [Index], _ r: (Expression, Expression), _ w: (Expression, Expression)
  ) throws {
    try builder.loop("i", from: r.0, to: r.1) { i in
      try builder.loop("j", from: w.0, to: w.1) { j in
        try evaluator.scope(lanes: 1) { try store(results, place(index, Index(i), Index(j))) }
      }
    }
  }

  private func place(_ index: [Index], _ read: Index, _ write: Index) -> [Index] {
    var place = index
    (place[readAxis], place[writeAxis]) = (read, write)
    return place
  }

  private func operandIndex(_ place: [Index]) -> [Index] {
    guard let op = operation.op as? Transpose else { return place }
    var own = place
    for (axis, from) in op.permutation.enumerated() { own[from] = place[axis] }
    return own
  }

  private func store(_ results: [(ValueID, Buffer)], _ place: [Index]) throws {
    for (id, buffer) in results {
      let value = try evaluator.value(id, at: place)
      let (offset, step) = try evaluator.offset(group.type(of: id), at: place)
      let isVector = evaluator.lanes > 1
      if isVector && step.constantIndex != 1 { throw NotVectorizable() }
      builder.store(buffer, offset, isVector ? evaluator.widened(value, lanes: evaluator.lanes) : value)
    }
  }
}
