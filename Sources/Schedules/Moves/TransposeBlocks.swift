import TensorIR
import TensorOps

/// Fills the tile of a ``TransposeTiles``: blocks of as many rows and columns as vectors have lanes are turned in registers,
/// what is left over at the margins is moved element by element.
struct TransposeBlocks {
  /// A stretch of an axis that the tile covers.
  typealias Stretch = (from: Expression, to: Expression, extent: Dimension)

  private let evaluator: ElementEvaluator
  private let source: ValueID
  private let lanes: Int
  private let tile: Buffer
  private let rowLength: Int
  private let read: Stretch
  private let write: Stretch
  /// The operand's index for places on the axes along which it is read and the result is written.
  private let index: (_ read: Index, _ write: Index) -> [Index]
  private var builder: KernelBuilder { evaluator.builder }
  private var stride: Expression { .integer(rowLength) }

  /// Types whose vectors hold nothing else: narrower elements stand in wider lanes.
  private static let elements: Set<ElementType> = [.f32, .i32, .u32, .f64, .i64, .u64]

  /// - Parameters:
  ///   - tile: gets the element that is read at place j and written at place i at j·stride + i, both counted from where
  ///     the stretches begin.
  init(
    _ evaluator: ElementEvaluator, _ source: ValueID, lanes: Int, tile: Buffer, stride: Int, read: Stretch,
    write: Stretch,
    index: @escaping (_ read: Index, _ write: Index) -> [Index]
  ) {
    (self.evaluator, self.source, self.lanes, self.tile) = (evaluator, source, lanes, tile)
    (rowLength, self.read, self.write, self.index) = (stride, read, write, index)
  }

  func fill() throws {
    do {
      let isNarrow = [read, write].contains { stretch in stretch.extent.constant.map { $0 < lanes } ?? false }
      guard lanes > 1, !isNarrow, TransposeBlocks.elements.contains(tile.element) else { throw NotVectorizable() }
      try builder.block(turn).forEach(builder.emit)
    } catch is NotVectorizable {
      try move((read.from, read.to), (write.from, write.to))
    }
  }

  /// Element by element.
  private func move(_ r: (Expression, Expression), _ w: (Expression, Expression)) throws {
    try builder.loop("i", from: w.0, to: w.1) { i in
      try builder.loop("j", from: r.0, to: r.1) { j in
        try evaluator.scope(lanes: 1) {
          let value = try evaluator.value(source, at: index(Index(j), Index(i)))
          builder.store(tile, (j - read.from) * stride + (i - write.from), value)
        }
      }
    }
  }

  /// Block by block.
  private func turn() throws {
    let (wholeRight, wholeBottom) = (wholeEnd("wholeRight", read), wholeEnd("wholeBottom", write))
    let size = Expression.integer(lanes)
    try builder.loop("i", from: write.from, to: wholeBottom, step: size) { i in
      let rows = try storedRows(i) ?? computedRows(i, to: wholeRight)
      try builder.loop("j", from: read.from, to: wholeRight, step: size) { j in
        let from = try rows.offset(j)
        let to = (j - read.from) * stride + (i - write.from)
        builder.emit(
          .transpose(
            BlockTransposition(from: (rows.buffer, from, rows.step), to: (tile, to, stride), lanes: lanes)))
      }
    }
    if !isWhole(read) { try move((wholeRight, read.to), (write.from, wholeBottom)) }
    if !isWhole(write) { try move((read.from, read.to), (wholeBottom, write.to)) }
  }

  private func isWhole(_ stretch: Stretch) -> Bool { stretch.extent.constant.map { $0 % lanes == 0 } ?? false }

  /// Where the last whole block of a stretch ends.
  private func wholeEnd(_ name: String, _ stretch: Stretch) -> Expression {
    if isWhole(stretch) { return stretch.to }
    return builder.declare(name, stretch.to - (stretch.to - stretch.from) % .integer(lanes))
  }

  /// Rows of elements: where those of a block lie whose first one is read at a place, and how far apart.
  private struct Rows {
    let buffer: Buffer
    let step: Expression
    let offset: (_ read: Expression) throws -> Expression
  }

  /// The operand's own memory, where it holds what the tile does.
  private func storedRows(_ i: Expression) throws -> Rows? {
    let type = evaluator.group.type(of: source)
    guard let buffer = evaluator.buffer(of: source), buffer.element == tile.element,
      let strides = type.layout.strides(of: type.shape)
    else { return nil }
    try evaluator.scope(lanes: lanes) { try evaluator.requireVectors(buffer.element) }
    let (here, below) = (index(.zero, .zero), index(.zero, Index(1)))
    guard let axis = here.indices.first(where: { here[$0] != below[$0] }),
      try evaluator.offset(type, at: index(Index(0, step: 1), Index(i))).step.constantIndex == 1
    else { return nil }
    return Rows(buffer: buffer, step: builder.extent(strides[axis])) { j in
      try evaluator.offset(type, at: index(Index(j), Index(i))).0
    }
  }

  /// Rows of the operand that are computed first.
  private func computedRows(_ i: Expression, to wholeRight: Expression) throws -> Rows {
    let rows = builder.array("rows", tile.element, count: lanes * rowLength)
    try builder.loop("k", from: 0, to: .integer(lanes)) { k in
      try builder.loop("j", from: read.from, to: wholeRight, step: .integer(lanes)) { j in
        try evaluator.scope(lanes: lanes) {
          let value = try evaluator.value(source, at: index(Index(j, step: 1), Index(i + k)))
          builder.store(rows, k * stride + (j - read.from), try evaluator.filled(value))
        }
      }
    }
    return Rows(buffer: rows, step: stride) { j in j - read.from }
  }
}
