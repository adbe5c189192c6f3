import TensorIR
import TensorOps

/// Turns a row of products of one block of keys into scores, and these into powers relative to the greatest score so far, and keeps the row's greatest
/// score and its sum of powers.
struct AttentionRows {
  let op: Attention
  let anchor: Operation
  let evaluator: ElementEvaluator
  let scores: Buffer
  let lanes: Int
  /// [.., n, m]
  let shapeOfScores: [Dimension]
  /// For each row of a block of queries: the greatest score, the sum of powers, by what earlier sums are multiplied, and the
  /// greatest score of the block of keys.
  private let greatest, totals, factors, bests: Buffer

  /// - Parameter height: the most rows of a block.
  init(
    op: Attention, anchor: Operation, evaluator: ElementEvaluator, scores: Buffer, lanes: Int, height: Int,
    shapeOfScores: [Dimension]
  ) {
    (self.op, self.anchor, self.evaluator, self.scores, self.lanes) = (op, anchor, evaluator, scores, lanes)
    self.shapeOfScores = shapeOfScores
    func array(_ name: String) -> Buffer { evaluator.builder.array(name, scores.element, count: height) }
    (greatest, totals, factors, bests) = (array("greatest"), array("totals"), array("factors"), array("bests"))
  }

  private var builder: KernelBuilder { evaluator.builder }
  private var scalar: LoopType { LoopType(scores.element) }
  private var wide: LoopType { LoopType(scores.element, lanes: lanes) }

  func begin(_ count: Expression) {
    builder.loop("begun", to: count) { row in
      builder.store(greatest, row, .number(-.infinity, scalar))
      builder.store(totals, row, .number(0, scalar))
    }
  }

  func factor(_ row: Expression) -> Expression { .load(factors, row, lanes: 1) }
  func total(_ row: Expression) -> Expression { .load(totals, row, lanes: 1) }

  /// Whether rows hold products as they are, and powers are of products times the scale: what hides is then -inf, whatever the scale.
  private var isUnscaled: Bool {
    op.scale > 0 && operand(3) == nil && (operand(4) == nil || op.hidden == -.infinity)
  }

  /// The power of a score relative to another: 2 to their difference, which is not above 0, in bits.
  private func power(_ score: Expression, relativeTo base: Expression, lanes: Int) -> Expression {
    let type = LoopType(scores.element, lanes: lanes)
    let bits = 1.4426950408889634  // log2 e
    let unit = isUnscaled ? op.scale * bits : bits
    return .intrinsic(.exp2Nonpositive, [(score - base) * .number(unit, type)], type)
  }

  /// Whether a score may be hidden, so that a block of keys may hold nothing that counts.
  var mayHide: Bool { anchor.operands.dropFirst(3).contains { $0 != nil } }

  /// Makes a row of products scores, and notes the greatest.
  ///
  /// - Parameters:
  ///   - start: where the row begins.
  ///   - count: how many keys the block has.
  ///   - place: the batch, the query, and the first key of the block.
  /// - Returns: the greatest score of the row in this block.
  func adjust(_ row: Expression, rowStart start: Expression, count: Expression, at place: [Index]) throws -> Expression
  {
    let from = builder.declare("row_start", start)
    let most = builder.mutable("most", .number(-.infinity, wide))
    try adjust(from, count, place, most)
    let best = builder.declare("best_here", .reduce(.maximum, .variable(most)))
    builder.store(bests, row, best)
    return best
  }

  /// Replaces a row of scores by their powers.
  ///
  /// - Parameters:
  ///   - count: how many keys of the block the row sees.
  ///   - all: how many the block has; the powers of the others are 0.
  func raise(_ row: Expression, rowStart start: Expression, count: Expression, of all: Expression) {
    let from = builder.declare("row_start", start)
    let old = builder.declare("old", .load(greatest, row, lanes: 1))
    let best = builder.declare("best", .intrinsic(.above, [.load(bests, row, lanes: 1), old], scalar))
    // Relative to nothing but -inf, powers would be NaN in place of 0.
    let low = Expression.binary(.equal, best, .number(-.infinity, scalar))
    let base = builder.declare("base_score", .select(low, .number(0, scalar), best))
    let factor = builder.declare("rescaled", power(old, relativeTo: base, lanes: 1))
    builder.store(factors, row, factor)
    builder.store(greatest, row, best)
    let sum = builder.mutable("power_sum", .number(0, wide))
    let relative = builder.declare("relative", .broadcast(base, lanes: lanes))
    builder.loop("i", to: count, step: .integer(lanes)) { i in
      let score = Expression.load(scores, from + i, lanes: lanes)
      let power = builder.declare("power", self.power(score, relativeTo: relative, lanes: lanes))
      builder.store(scores, from + i, power)
      builder.assign(sum, .variable(sum) + power)
    }
    if op.causal {
      let whole = (count + .integer(lanes - 1)) / .integer(lanes) * .integer(lanes)
      builder.loop("hidden", from: whole, to: all, step: .integer(lanes)) {
        builder.store(scores, from + $0, .number(0, wide))
      }
    }
    let powers = Expression.reduce(.sum, .variable(sum))
    builder.store(
      totals, row, .intrinsic(.fma, [total(row), factor, powers], scalar))
  }

  /// Scales the scores, adds the bias, hides what the mask says, and finds the greatest. Lanes behind the last key are -inf.
  private func adjust(_ from: Expression, _ count: Expression, _ place: [Index], _ most: Variable) throws {
    let type = wide
    // NaN is to be seen where all else is hidden; where nothing is, the powers are NaN in any case.
    let comparison: Intrinsic = mayHide ? .maximum : .above
    func compare(_ value: Expression) {
      builder.assign(most, .intrinsic(comparison, [value, .variable(most)], type))
    }
    var isWide = true
    try LoopNest.vectors(evaluator, lanes: lanes, from: 0, to: count) { column, part in
      let own = column.step == 0 ? 1 : lanes
      isWide = column.step != 0
      let score = try seen(.load(scores, from + column.base, lanes: own), lanes: own, at: place, column)
      let value = builder.declare("score", score)
      if !isUnscaled || mayHide { builder.store(scores, from + column.base, value, count: part) }
      if own == lanes && part == nil { compare(value) }
    }
    let rest = builder.declare("rest", count % .integer(lanes))
    builder.branch(.less(0, rest)) {
      let whole = builder.declare("whole_keys", count - rest)
      builder.loop("behind", from: count, to: whole + .integer(lanes)) { lane in
        builder.store(scores, from + lane, .number(-.infinity, scalar))
      }
      if isWide { compare(.load(scores, from + whole, lanes: lanes)) }
    }
    if isWide { return }
    builder.loop("i", to: count, step: .integer(lanes)) { compare(.load(scores, from + $0, lanes: lanes)) }
  }

  private func seen(_ score: Expression, lanes: Int, at place: [Index], _ column: Index) throws -> Expression {
    let type = LoopType(scores.element, lanes: lanes)
    var value = op.scale == 1 || isUnscaled ? score : score * .number(op.scale, type)
    var key = place
    key[key.count - 1] = key[key.count - 1] + column
    if let bias = operand(3) {
      value = value + evaluator.widened(try element(of: bias, at: key), lanes: lanes)
    }
    if let mask = operand(4) {
      let hides = evaluator.widened(try element(of: mask, at: key), lanes: lanes)
      value = .select(hides, .number(op.hidden, type), value)
    }
    return value
  }

  private func operand(_ place: Int) -> ValueID? {
    place < anchor.operands.count ? anchor.operands[place] : nil
  }

  /// An element of what broadcasts to the scores.
  private func element(of value: ValueID, at index: [Index]) throws -> Expression {
    let shape = evaluator.group.type(of: value).shape
    let own = zip(shape, zip(index, shapeOfScores).suffix(shape.count)).map { extent, place -> Index in
      if extent == 1 { return .zero }
      if extent == place.1 { return place.0 }
      return evaluator.ambiguous(place.0, extent: extent)
    }
    return try evaluator.value(value, at: own)
  }
}
