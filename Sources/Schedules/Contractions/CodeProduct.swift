import TensorIR
import TensorOps

/// Writes the innermost part of a product of few rows whose right operand is codes of few bits in blocks: a word of 32 bits holds
/// the next steps of a column. Each block has a scale for each column.
///
/// No code is shifted to its place: it stays where it stands in the word, 2^p times as large, and what it is multiplied with is
/// as much smaller, which rounds nothing. Codes are taken as unsigned, and what that adds is taken off by the sum of the row.
struct CodeProduct: RegisterTile {
  let builder: KernelBuilder
  let target: Target
  let shape: TileShape
  let left: Buffer
  let right: Buffer
  /// Scales, and behind them what is taken off the codes, if anything is; panels as the words'.
  let factors: [Buffer]
  let bits: Int
  let block: Int

  var element: ElementType { .f32 }
  private var lanes: Int { target.lanes(of: .f32) }
  /// The steps that a word holds.
  private var steps: Int { 32 / bits }
  /// Words of a block.
  private var words: Int { block / steps }
  private var numbers: LoopType { LoopType(.f32, lanes: lanes) }
  private var integers: LoopType { LoopType(.i32, lanes: lanes) }
  private var width: Expression { .integer(shape.vectors * lanes) }
  /// What unsigned codes are more than signed ones.
  private var middle: Int { 1 << (bits - 1) }

  func write(
    _ left: TileProduct.Left, _ runs: TileProduct.Runs, panels: [Expression], vectors: Int, height: Expression,
    heights: ClosedRange<Int>, finish: TileProduct.Finish
  ) throws {
    try TileProduct.choose(heights, height, builder) { rows in
      let sums = variables("sum", rows, vectors * panels.count)
      let packed = panels.enumerated().map { builder.pointer("b\($0.offset)", into: right, offset: $0.element) }
      let beside = self.beside(panels)
      guard let level = runs.levels.first else { return try finish(sums) }
      builder.loop("block", to: level.count, unroll: .none) { block in
        let start = builder.declare("start", left.origin + block * level.offset)
        self.block(left, packed, beside, sums, vectors: vectors, start: start)
        for pointer in beside.flatMap({ $0 }) { builder.advance(pointer, by: width) }
      }
      try finish(sums)
    }
  }

  /// The scales of panels: a panel of words is as many panels of scales as a block has words.
  private func beside(_ panels: [Expression]) -> [[Buffer]] {
    factors.enumerated().map { index, buffer in
      panels.enumerated().map {
        builder.pointer("f\(index)_\($0.offset)", into: buffer, offset: $0.element / .integer(words))
      }
    }
  }

  private func variables(_ name: String, _ rows: Int, _ count: Int) -> [[Variable]] {
    (0..<rows).map { row in (0..<count).map { builder.mutable("\(name)\(row)_\($0)", .number(0, numbers)) } }
  }

  private func loads(_ panels: [Buffer], _ vectors: Int, _ name: String) -> [Expression] {
    panels.flatMap { panel in
      (0..<vectors).map { builder.declare(name, .load(panel, .integer($0 * lanes), lanes: lanes)) }
    }
  }

  /// Words whose codes are unsigned.
  private func unsigned(_ packed: [Buffer], _ vectors: Int) -> [Expression] {
    let flipped = stride(from: 0, to: 32, by: bits).reduce(0) { $0 | middle << $1 }
    return loads(packed, vectors, "word").map {
      builder.declare("word", .binary(.bitXor, $0, .literal(Int(Int32(truncatingIfNeeded: flipped)), integers)))
    }
  }

  /// Adds a block: its own sums, less what the zero points add, by the scales.
  private func block(
    _ left: TileProduct.Left, _ packed: [Buffer], _ beside: [[Buffer]], _ sums: [[Variable]], vectors: Int,
    start: Expression
  ) {
    let parts = variables("part", sums.count, vectors * packed.count)
    let starts = sums.indices.map { builder.declare("row", start + .integer($0) * left.row) }
    let totals = starts.map { builder.declare("total", .broadcast(total($0), lanes: lanes)) }
    let pointers = starts.enumerated().map { builder.pointer("a\($0.offset)", into: self.left, offset: $0.element) }
    builder.loop("w", to: .integer(words), unroll: .none) { _ in
      let words = unsigned(packed, vectors)
      for step in 0..<steps {
        let weights = words.map { builder.declare("code", code($0, step)) }
        for (row, own) in parts.enumerated() {
          let x = Expression.load(pointers[row], .integer(step), lanes: 1) * .number(factor(step), LoopType(.f32))
          let wide = builder.declare("x", .broadcast(x, lanes: lanes))
          for (sum, weight) in zip(own, weights) {
            builder.assign(sum, .intrinsic(.fma, [wide, weight, .variable(sum)], numbers))
          }
        }
      }
      packed.forEach { builder.advance($0, by: width) }
      pointers.forEach { builder.advance($0, by: .integer(steps)) }
    }
    let scales = loads(beside[0], vectors, "scale")
    let zeros = beside.count > 1 ? loads(beside[1], vectors, "zero") : nil
    for (row, own) in parts.enumerated() {
      for (place, part) in own.enumerated() {
        let off = Expression.number(Double(middle), numbers)
        let zero = zeros.map { $0[place] + off } ?? off
        let centred = Expression.intrinsic(.fma, [.unary(.negate, totals[row]), zero, .variable(part)], numbers)
        builder.assign(
          sums[row][place], .intrinsic(.fma, [centred, scales[place], .variable(sums[row][place])], numbers))
      }
    }
  }

  /// The sum of a row's elements in a block.
  private func total(_ start: Expression) -> Expression {
    if block % lanes == 0 {
      let sum = builder.mutable("sum", .number(0, numbers))
      builder.loop("i", from: 0, to: .integer(block), step: .integer(lanes)) {
        builder.assign(sum, .variable(sum) + .load(left, start + $0, lanes: lanes))
      }
      return .reduce(.sum, .variable(sum))
    }
    let sum = builder.mutable("sum", .number(0, LoopType(.f32)))
    builder.loop("i", from: 0, to: .integer(block)) {
      builder.assign(sum, .variable(sum) + .load(left, start + $0, lanes: 1))
    }
    return .variable(sum)
  }

  /// What a step's element of the left operand is multiplied with; the last code of a word is moved down.
  private func factor(_ step: Int) -> Double {
    step == steps - 1 ? 1 : Double(sign: .plus, exponent: -bits * step, significand: 1)
  }

  /// A step of a word of unsigned codes as a number, 2^(bits · step) times as large; the last one would be negative.
  private func code(_ word: Expression, _ step: Int) -> Expression {
    if step == steps - 1 {
      let down = Expression.literal(32 - bits, LoopType(.u32, lanes: lanes))
      return .convert(.bitcast(.binary(.shiftRight, .bitcast(word, .u32), down), .i32), .f32)
    }
    return .convert(.binary(.bitAnd, word, .literal(((1 << bits) - 1) << (bits * step), integers)), .f32)
  }

  // MARK: Many rows

  /// Writes the numbers of a panel to memory, for a product of many rows to read.
  ///
  /// - Parameter blocks: how many blocks a column has.
  func unpack(panel: Expression, blocks: Expression, into memory: Buffer) {
    let packed = [builder.pointer("b", into: right, offset: panel)]
    let beside = self.beside([panel])
    let target = builder.pointer("to", into: memory, offset: 0)
    builder.loop("block", to: blocks, unroll: .none) { _ in
      let scales = loads(beside[0], shape.vectors, "scale")
      let zeros = beside.count > 1 ? loads(beside[1], shape.vectors, "zero") : nil
      let off = Expression.number(Double(middle), numbers)
      let shifts = scales.indices.map { place in
        builder.declare("off", .unary(.negate, zeros.map { $0[place] + off } ?? off) * scales[place])
      }
      builder.loop("w", to: .integer(words), unroll: .none) { _ in
        let words = unsigned(packed, shape.vectors)
        for step in 0..<steps {
          for (place, word) in words.enumerated() {
            let scale = scales[place] * .number(factor(step), numbers)
            builder.store(
              target, .integer((step * shape.vectors + place) * lanes),
              .intrinsic(.fma, [code(word, step), scale, shifts[place]], numbers))
          }
        }
        packed.forEach { builder.advance($0, by: width) }
        builder.advance(target, by: .integer(steps) * width)
      }
      for pointer in beside.flatMap({ $0 }) { builder.advance(pointer, by: width) }
    }
  }
}
