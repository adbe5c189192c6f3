import TensorIR
import TensorOps

/// Finds masks that hide from each query what is behind it: a constant, or a comparison of positions. Without them keys that nobody
/// sees are not computed, and no mask is read.
enum CausalRules {
  static let causal = Rule("causal-attention", on: Attention.self, exactness: .rounding) { op, site in
    guard !op.causal, let shape = scores(site) else { return nil }
    var operands = site.operation.operands
    var found = false
    let seesOwn = site.symbols.isAtMost(shape[0], shape[1]) == .yes
    if operands.count > 4, op.hidden == -.infinity || op.hidden <= hiding && seesOwn, hides(operands[4], shape, &site) {
      (operands[4], found) = (nil, true)
    } else if operands.count > 3, seesOwn, isBias(operands[3], shape, &site) {
      (operands[3], found) = (nil, true)
    }
    guard found else { return nil }
    while operands.count > 3, operands[operands.count - 1] == nil { operands.removeLast() }
    return try site.add(Attention(scale: op.scale, hidden: op.hidden, causal: true), operands)
  }

  /// What is added to hide a score leaves nothing of it; where a query sees a key, that is greater.
  private static let hiding = -1e30

  /// The number of queries and keys.
  private static func scores(_ site: RewriteSite) -> [Dimension]? {
    guard let k = site.operand(1) else { return nil }
    let (type, keys) = (site.resultType, site.type(of: k))
    return [type.shape[type.rank - 2], keys.shape[keys.rank - 2]]
  }

  /// A constant that is 0 where a key is seen.
  private static func isBias(_ id: ValueID?, _ shape: [Dimension], _ site: inout RewriteSite) -> Bool {
    guard let id, isSquare(site.type(of: id), shape), let literal = site.literal(id) else { return false }
    let numbers = ReferenceTensor(literal).floats
    return isCausal(shape, numbers) {
      $0 == 0
    } hidden: {
      $0 <= hiding
    }
  }

  private static func hides(_ id: ValueID?, _ shape: [Dimension], _ site: inout RewriteSite) -> Bool {
    guard let id, isSquare(site.type(of: id), shape) else { return false }
    if let literal = site.literal(id) {
      return isCausal(shape, ReferenceTensor(literal).integers) {
        $0 == 0
      } hidden: {
        $0 != 0
      }
    }
    return compares(id, shape, &site)
  }

  /// Whether a mask has all scores of a matrix and is the same for every batch.
  private static func isSquare(_ type: TensorType, _ shape: [Dimension]) -> Bool {
    type.rank >= 2 && Array(type.shape.suffix(2)) == shape && type.shape.dropLast(2).allSatisfy { $0 == 1 }
  }

  private static func isCausal<Element>(
    _ shape: [Dimension], _ elements: [Element], seen: (Element) -> Bool, hidden: (Element) -> Bool
  ) -> Bool {
    guard let queries = shape[0].constant, let keys = shape[1].constant, elements.count == queries * keys else {
      return false
    }
    return elements.indices.allSatisfy {
      $0 % keys > $0 / keys + keys - queries ? hidden(elements[$0]) : seen(elements[$0])
    }
  }

  /// `column > row`, or in one of the other ways to say it.
  private static func compares(_ id: ValueID, _ shape: [Dimension], _ site: inout RewriteSite) -> Bool {
    var sides: (column: ValueID?, row: ValueID?)?
    if let found = site.producer(of: id, as: Greater.self)?.operation.operands { sides = (found[0], found[1]) }
    if let found = site.producer(of: id, as: Less.self)?.operation.operands { sides = (found[1], found[0]) }
    if let inner = site.producer(of: id, as: LogicalNot.self)?.operation.operands[0] {
      if let found = site.producer(of: inner, as: LessEqual.self)?.operation.operands { sides = (found[0], found[1]) }
      if let found = site.producer(of: inner, as: GreaterEqual.self)?.operation.operands {
        sides = (found[1], found[0])
      }
    }
    guard let sides, isPosition(sides.column, axis: 1, &site) else { return false }
    if shape[0] == shape[1] { return isPosition(sides.row, axis: 0, &site) }
    guard let sum = site.producer(of: sides.row, as: Add.self)?.operation.operands else { return false }
    return [(0, 1), (1, 0)].contains { row, offset in
      isPosition(sum[row], axis: 0, &site) && isNumber(sum[offset], shape[1] - shape[0], &site)
    }
  }

  private static func isPosition(_ id: ValueID?, axis: Int, _ site: inout RewriteSite) -> Bool {
    guard let id, let iota = site.producer(of: id, as: Iota.self)?.op, [.i32, .i64].contains(iota.elementType) else {
      return false
    }
    return iota.axis - iota.shape.count + 2 == axis
  }

  private static func isNumber(_ id: ValueID?, _ value: Dimension, _ site: inout RewriteSite) -> Bool {
    if let values = site.producer(of: id, as: DimensionValues.self)?.op.values { return values == [value] }
    guard let number = site.splat(id), let integer = Int(exactly: number) else { return false }
    return value == Dimension(integer)
  }
}
