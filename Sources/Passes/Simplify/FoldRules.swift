import Foundation
import TensorIR
import TensorOps
import TensorSchedules

/// Computes what constants alone decide.
enum FoldRules {
  static let rules: [Rule] = [splats, constants]

  /// A result may be this large though its operands are smaller.
  private static let growthLimit = 4096
  /// Elements beyond which an op's own formula, which walks over indices, is too slow.
  private static let plainLimit = 1 << 14
  /// Products of a contraction beyond which the same holds.
  private static let workLimit = 1 << 20

  /// Pointwise ops and movements of numbers are numbers: `exp(full(0)) => full(1)`, of any shape.
  private static let splats = Rule("fold-numbers") { site in
    let operation = site.operation
    guard operation.operands.count > 0, operation.results.count == 1, let op = operation.op as? any TensorOp
    else {
      return nil
    }
    let types = operation.operands.map { id in id.map { site.type(of: $0) } ?? FunctionBuilder.absent }
    if site.resultType.layout.isPlain, let read = op.accessMap(types, site.resultType)?.onlyRead, read.operand == 0,
      !read.places.contains(where: \.readsOperand)
    {
      guard let full = site.producer(of: operation.operands[0], as: Full.self)?.op else { return nil }
      return [try site.one(Full(full.value, full.elementType, site.resultType.shape))]
    }
    guard op is any PointwiseOp else { return nil }
    var scalars: [ReferenceTensor] = []
    for id in operation.operands {
      guard let id, site.producer(of: id, as: Full.self) != nil, let number = site.splat(id) else {
        return nil
      }
      let type = site.type(of: id).elementType
      scalars.append(
        type.isFloat
          ? ReferenceTensor(type, [], floats: [number])
          : ReferenceTensor(type, [], integers: [Evaluator.saturate(number, type)]))
    }
    let type = site.resultType.elementType
    guard let result = try op.evaluate(scalars, [TensorType(type, [])]).first else { return nil }
    let number = result.number(0)
    guard TensorLanguage.isFaithful(number, type) else { return nil }
    return [try site.one(Full(number, type, site.resultType.shape))]
  }

  /// Any op whose operands are all known.
  private static let constants = Rule("fold-constants") { site in
    let operation = site.operation
    guard !operation.operands.isEmpty, !site.hasRegions, let op = operation.op as? any TensorOp,
      !(op is any RegionOp), operation.guards.isEmpty
    else { return nil }
    var types: [TensorType] = []
    for id in operation.results {
      let type = site.type(of: id)
      guard let shape = type.constantShape, type.layout.isPlain, TensorLiteral.count(of: shape) != nil else {
        return nil
      }
      types.append(type)
    }
    var literals: [TensorLiteral] = []
    for id in operation.operands {
      guard let literal = site.written(id) else { return nil }
      literals.append(literal)
    }
    let bytes = types.reduce(0) { $0 + ($1.byteCount.constant ?? .max / 4) }
    // Panels are a little larger than the weights that they replace.
    guard op is any PackingOp || bytes <= max(growthLimit, literals.reduce(0) { $0 + $1.bytes.count }),
      let folded = try evaluate(op, literals, types)
    else { return nil }
    return try folded.map { try site.one(Constant($0)) }
  }

  private static func evaluate(
    _ op: any TensorOp, _ literals: [TensorLiteral], _ types: [TensorType]
  ) throws -> [TensorLiteral]? {
    if types.count == 1, let moved = move(op, literals, types[0]) { return [moved] }
    let counts = literals.map(\.count) + types.map { $0.count.constant ?? .max }
    if let op = op as? any PointwiseOp, types.count == 1, let shape = types[0].constantShape,
      let result = BulkPointwise.evaluate(op, literals, types[0].elementType, shape)
    {
      return [result]
    }
    guard counts.allSatisfy({ $0 <= plainLimit }) else { return nil }
    if op is any ScheduledOp || op is any ReductionOp, (counts.max() ?? 0) * (counts.min() ?? 0) > workLimit {
      return nil
    }
    return try op.evaluate(literals.map { ReferenceTensor($0) }, types).map(\.literal)
  }

  /// Ops that only move elements, by the bytes.
  static func move(_ op: any TensorOp, _ literals: [TensorLiteral], _ type: TensorType) -> TensorLiteral? {
    if let op = op as? any PackingOp { return op.packed(literals[0]) }
    return op.accessMap(literals.map(\.type), type).flatMap { BulkBytes.moved($0, literals, type) }
  }
}

/// Pointwise ops on large constants: no index is worked out for an element.
enum BulkPointwise {
  /// Elements that take too long even so.
  private static let limit = 1 << 26

  /// Nil where the elements are not all floats, but for casts.
  static func evaluate(
    _ op: any PointwiseOp, _ literals: [TensorLiteral], _ type: ElementType, _ shape: [Int]
  ) -> TensorLiteral? {
    guard let count = TensorLiteral.count(of: shape), count <= limit else { return nil }
    if literals.count == 1, literals[0].shape == shape, let result = op.evaluateWhole(ReferenceTensor(literals[0])) {
      return result.literal
    }
    guard type.isFloat, literals.allSatisfy({ $0.elementType.isFloat }) else { return nil }
    var operands: [ReferenceTensor] = []
    for literal in literals {
      guard let wide = literal.shape == shape ? literal : broadcast(literal, shape) else { return nil }
      operands.append(ReferenceTensor(wide))
    }
    var row = [Double](repeating: 0, count: operands.count)
    var result = [Double](repeating: 0, count: count)
    for index in 0..<count {
      for operand in operands.indices { row[operand] = operands[operand].floats[index] }
      result[index] = op.evaluate(floats: row)
    }
    return ReferenceTensor(type, shape, floats: result).literal
  }

  static func broadcast(_ literal: TensorLiteral, _ shape: [Int]) -> TensorLiteral? {
    let result = TensorType(literal.elementType, shape.map { Dimension($0) })
    return BulkBytes.moved(.moved(AccessMap.broadcast(literal.type.shape, to: result.shape)), [literal], result)
  }
}
