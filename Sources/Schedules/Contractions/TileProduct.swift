import TensorIR
import TensorOps

/// What a tile of a matrix product is made by.
protocol RegisterTile {
  var builder: KernelBuilder { get }
  var target: Target { get }
  var shape: TileShape { get }
  /// The sums' element type.
  var element: ElementType { get }
  /// Where it leaves sums, if not in registers.
  var memory: Buffer? { get }

  /// The sums of `height` rows, which is in `heights`, over neighbouring panels; of each the first `vectors` vectors.
  ///
  /// - Parameter panels: where each panel begins in the right operand.
  func write(
    _ left: TileProduct.Left, _ runs: TileProduct.Runs, panels: [Expression], vectors: Int, height: Expression,
    heights: ClosedRange<Int>, finish: TileProduct.Finish) throws
}

extension RegisterTile {
  var memory: Buffer? { nil }
}

/// What is added to a sum for an element of each operand.
public enum Multiplication: Sendable {
  /// Their product.
  case numbers
  /// Both are words of four bytes: the sum of the products of unsigned bytes by signed ones.
  case bytes
  /// Words of two integers of 16 bits by words of two signed bytes: the sum of their products.
  case shorts
  /// Both are words of two bf16: the sum of their products.
  case halves

  /// For a left operand whose elements lie together in words of 32 bits.
  init(wordsOf element: ElementType) {
    switch element {
    case .u8: self = .bytes
    case .i16: self = .shorts
    case .bf16: self = .halves
    default: self = .numbers
    }
  }

  /// The tile that is made of such sums.
  func shape(_ target: Target) -> TileShape { self == .halves ? .pairs(target) : .matmul(target) }
}

/// Writes the innermost part of a matrix product: a tile of rows × vectors of sums in named registers, over runs of
/// contiguous steps. Rows of the left operand are read by broadcast where they lie; panels of the right one are packed.
struct TileProduct: RegisterTile {
  let builder: KernelBuilder
  let target: Target
  let shape: TileShape
  let element: ElementType
  let left: Buffer
  let right: Buffer
  var multiply = Multiplication.numbers
  /// From step to step in the right operand, where it is not packed.
  var rightStep: Expression?

  /// Distances in the left operand.
  struct Left {
    /// The offset of the tile's first row.
    var origin: Expression
    /// From row to row.
    var row: Expression
    /// From step to step.
    var step: Expression
  }

  /// The runs of steps: nested levels, outermost first, each with how often and how far the left operand moves; and the
  /// length of a run, and how its loop may be unrolled.
  struct Runs {
    var levels: [(count: Expression, offset: Expression)]
    var length: Expression
    var unroll = Statement.Loop.Unroll.four
  }

  /// What becomes of finished sums: rows of neighbouring vectors.
  typealias Finish = ([[Variable]]) throws -> Void

  private var lanes: Int { target.lanes(of: element) }

  func write(
    _ left: Left, _ runs: Runs, panels: [Expression], vectors: Int, height: Expression,
    heights: ClosedRange<Int>,
    finish: Finish
  ) throws {
    try TileProduct.choose(heights, height, builder) {
      try sums(left, runs, panels, rows: $0, vectors: vectors, finish)
    }
  }

  /// Code for each height, chosen by halving.
  static func choose(
    _ range: ClosedRange<Int>, _ height: Expression, _ builder: KernelBuilder, _ body: (Int) throws -> Void
  ) throws {
    if range.count == 1 { return try body(range.lowerBound) }
    let middle = (range.lowerBound + range.upperBound + 1) / 2
    try builder.branch(.less(height, .integer(middle))) {
      try choose(range.lowerBound...(middle - 1), height, builder, body)
    } otherwise: {
      try choose(middle...range.upperBound, height, builder, body)
    }
  }

  private func sums(
    _ left: Left, _ runs: Runs, _ panels: [Expression], rows: Int, vectors: Int, _ finish: Finish
  ) throws {
    let type = LoopType(element.computeType, lanes: lanes)
    let sums = (0..<rows).map { row in
      (0..<(vectors * panels.count)).map { builder.mutable("sum\(row)_\($0)", zero(type)) }
    }
    let packed = panels.enumerated().map { builder.pointer("b\($0.offset)", into: right, offset: $0.element) }
    TileProduct.nested(runs.levels, start: left.origin, builder) {
      run(left, runs, packed, sums, vectors: vectors, start: $0)
    }
    try finish(sums)
  }

  /// Loops over the levels of runs; the body is given where one begins in the left operand.
  static func nested(
    _ levels: [(count: Expression, offset: Expression)], start: Expression, _ builder: KernelBuilder,
    _ body: (Expression) -> Void
  ) {
    guard let first = levels.first else { return body(start) }
    builder.loop("run", to: first.count, unroll: .none) { run in
      let moved = builder.declare("start", start + run * first.offset)
      nested(Array(levels.dropFirst()), start: moved, builder, body)
    }
  }

  /// One pointer serves three rows: base, base + row and base + 2*row are address modes, so twelve rows need four registers.
  private func run(
    _ left: Left, _ runs: Runs, _ packed: [Buffer], _ sums: [[Variable]], vectors: Int, start: Expression
  ) {
    let pointers = stride(from: 0, to: sums.count, by: 3).map { row in
      builder.pointer("a\(row)", into: self.left, offset: start + .integer(row) * left.row)
    }
    builder.loop("k", to: runs.length, unroll: unrolling(runs, sums)) { _ in
      step(
        left, packed, pointers, sums, vectors: vectors,
        prefetches: runs.unroll != .full && packed.count == 1 && rightStep == nil)
      packed.forEach { builder.advance($0, by: rightStep ?? width) }
      pointers.forEach { builder.advance($0, by: left.step) }
    }
  }

  /// What a loop takes beside a step's multiply-adds, a fifth of the instructions where these are few, four steps share.
  private func unrolling(_ runs: Runs, _ sums: [[Variable]]) -> Statement.Loop.Unroll {
    let count = sums.count * (sums.first?.count ?? 0)
    let isLarge = count * 4 >= shape.rows * shape.vectors * 3
    let isSmall = count <= target.tuning.products.mostUnrolledSums
    return runs.unroll != .four || isLarge && isSmall ? runs.unroll : .none
  }

  private var width: Expression { .integer(shape.vectors * lanes) }

  private func step(
    _ left: Left, _ packed: [Buffer], _ pointers: [Buffer], _ sums: [[Variable]], vectors: Int,
    prefetches: Bool
  ) {
    let type = LoopType(element.computeType, lanes: lanes)
    let columns = packed.flatMap { panel in
      (0..<vectors).map { vector in
        let words = Expression.load(panel, .integer(vector * lanes), lanes: lanes)
        return builder.declare("column", multiply == .shorts ? .intrinsic(.widen, [words], type) : words)
      }
    }
    if shape.prefetch > 0 && prefetches {
      for panel in packed {
        for part in 0..<vectors {
          builder.emit(.prefetch(panel, .integer(shape.prefetch) * width + .integer(part * lanes)))
        }
      }
    }
    for (row, parts) in sums.enumerated() {
      let place = Expression.integer(row % 3) * left.row
      let value = builder.declare("x", .broadcast(.load(pointers[row / 3], place, lanes: 1), lanes: lanes))
      for (part, sum) in parts.enumerated() {
        builder.assign(sum, added(value, columns[part], .variable(sum), type))
      }
    }
  }

  private func added(_ a: Expression, _ b: Expression, _ sum: Expression, _ type: LoopType) -> Expression {
    switch multiply {
    case .bytes: .intrinsic(.dot4, [a, b, sum], type)
    case .shorts, .halves: .intrinsic(.dot2, [a, b, sum], type)
    // Integers wrap either way, and have no fused form.
    case .numbers: type.element.isFloat ? .intrinsic(.fma, [a, b, sum], type) : a * b + sum
    }
  }

  private func zero(_ type: LoopType) -> Expression {
    type.element.isFloat ? .number(0, type) : .literal(0, type)
  }
}
