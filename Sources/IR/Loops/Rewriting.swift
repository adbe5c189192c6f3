// Loops with their parts replaced: what passes over kernels are made of.

extension Expression {
  /// The expression with the ones directly inside replaced; indices fold as they do when they are built.
  public func mapOperands(_ transform: (Expression) -> Expression) -> Expression {
    switch self {
    case .integer, .float, .literal, .variable: self
    case .unary(let op, let a): .unary(op, transform(a))
    case .binary(let op, let a, let b): .folding(op, transform(a), transform(b))
    case .select(let condition, let a, let b): .folding(transform(condition), transform(a), transform(b))
    case .convert(let a, let element): .convert(transform(a), element)
    case .asIndex(let a): transform(a).index
    case .bitcast(let a, let element): .bitcast(transform(a), element)
    case .load(let buffer, let offset, let lanes): .load(buffer, transform(offset), lanes: lanes)
    case .loadPartial(let buffer, let offset, let lanes, let count):
      .loadPartial(buffer, transform(offset), lanes: lanes, count: transform(count))
    case .gather(let buffer, let offset, let stride, let lanes):
      .gather(buffer, transform(offset), stride: transform(stride), lanes: lanes)
    case .gatherPartial(let buffer, let offset, let stride, let lanes, let count):
      .gatherPartial(buffer, transform(offset), stride: transform(stride), lanes: lanes, count: transform(count))
    case .broadcast(let a, let lanes): .broadcast(transform(a), lanes: lanes)
    case .ramp(let base, let step, let lanes): .ramp(transform(base), step: transform(step), lanes: lanes)
    case .intrinsic(let intrinsic, let arguments, let type): .intrinsic(intrinsic, arguments.map(transform), type)
    case .reduce(let reduction, let a): .reduce(reduction, transform(a))
    }
  }

  /// The truth that a scalar condition is known to have.
  public var constantTruth: Bool? {
    if case .literal(let value, let type) = self, type == LoopType(.bool) { return value != 0 }
    return nil
  }

  public static func truth(_ value: Bool) -> Expression { .literal(value ? 1 : 0, LoopType(.bool)) }

  /// An operator, folded where its operands are known indices or truths.
  private static func folding(_ op: BinaryOperator, _ a: Expression, _ b: Expression) -> Expression {
    switch op {
    case .add where a.type.isIndex: return a + b
    case .subtract where a.type.isIndex: return a - b
    case .multiply where a.type.isIndex: return a * b
    case .quotient where a.type.isIndex: return a / b
    case .remainder where a.type.isIndex: return a % b
    case .minimum where a.type.isIndex: return minimum(a, b)
    case .maximum where a.type.isIndex: return maximum(a, b)
    case .logicalAnd:
      if let known = a.constantTruth { return known ? b : a }
      if let known = b.constantTruth { return known ? a : b }
    case .logicalOr:
      if let known = a.constantTruth { return known ? a : b }
      if let known = b.constantTruth { return known ? b : a }
    default:
      if let x = a.constantIndex, let y = b.constantIndex, let known = compare(op, x, y) { return truth(known) }
    }
    return .binary(op, a, b)
  }

  private static func compare(_ op: BinaryOperator, _ a: Int, _ b: Int) -> Bool? {
    switch op {
    case .less: a < b
    case .lessEqual: a <= b
    case .greater: a > b
    case .greaterEqual: a >= b
    case .equal: a == b
    case .notEqual: a != b
    default: nil
    }
  }

  private static func folding(_ condition: Expression, _ a: Expression, _ b: Expression) -> Expression {
    if let known = condition.constantTruth { return known ? a : b }
    return .select(condition, a, b)
  }
}

extension Statement {
  /// The statement with its own expressions replaced, not those of statements inside.
  public func mapExpressions(_ transform: (Expression) -> Expression) -> Statement {
    switch self {
    case .declare(let variable, let value, let mutable): return .declare(variable, transform(value), mutable: mutable)
    case .assign(let variable, let value): return .assign(variable, transform(value))
    case .pointer(let buffer, let source, let offset): return .pointer(buffer, into: source, offset: transform(offset))
    case .advance(let buffer, let step): return .advance(buffer, by: transform(step))
    case .store(let buffer, let offset, let value, let count):
      return .store(buffer, transform(offset), transform(value), count: count.map(transform))
    case .stream(let buffer, let bytes): return .stream(buffer, bytes: transform(bytes))
    case .transpose(var block):
      block.fromOffset = transform(block.fromOffset)
      block.fromStep = transform(block.fromStep)
      block.toOffset = transform(block.toOffset)
      block.toStep = transform(block.toStep)
      return .transpose(block)
    case .multiplyTiles(let product): return .multiplyTiles(product.mapIndices(transform))
    case .loop(var loop):
      loop.from = transform(loop.from)
      loop.to = transform(loop.to)
      loop.step = transform(loop.step)
      return .loop(loop)
    case .branch(let condition, let then, let otherwise):
      return .branch(transform(condition), then: then, otherwise: otherwise)
    case .whileLoop(let condition, let body): return .whileLoop(transform(condition), body)
    case .prefetch(let buffer, let offset): return .prefetch(buffer, transform(offset))
    case .badIndex(let index, let extent, let op, let origin):
      return .badIndex(transform(index), extent: transform(extent), of: op, origin: origin)
    case .array, .barrier, .comment: return self
    }
  }

  /// The statement with the blocks inside it replaced.
  public func mapBlocks(_ transform: ([Statement]) -> [Statement]) -> Statement {
    switch self {
    case .loop(var loop):
      loop.body = transform(loop.body)
      return .loop(loop)
    case .branch(let condition, let then, let otherwise):
      return .branch(condition, then: transform(then), otherwise: transform(otherwise))
    case .whileLoop(let condition, let body): return .whileLoop(condition, transform(body))
    default: return self
    }
  }
}

extension TileMultiplication {
  fileprivate func mapIndices(_ transform: (Expression) -> Expression) -> TileMultiplication {
    var result = self
    result.sumsOffset = transform(sumsOffset)
    result.leftOffset = transform(leftOffset)
    result.leftRow = transform(leftRow)
    result.rightOffset = transform(rightOffset)
    result.steps = transform(steps)
    result.rows = transform(rows)
    return result
  }
}
