import Foundation
import TensorIR
import TensorOps

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
    if op is Reshape || op is Transpose || op is BroadcastTo || op is Slice || op is Reverse {
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
      !(op is any RegionOp), !(op is Reorder), operation.guards.isEmpty
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
    guard op is GatePanels || bytes <= max(growthLimit, literals.reduce(0) { $0 + $1.bytes.count }),
      let folded = try evaluate(op, literals, types)
    else { return nil }
    return try folded.map { try site.one(Constant($0)) }
  }

  private static func evaluate(
    _ op: any TensorOp, _ literals: [TensorLiteral], _ types: [TensorType]
  ) throws -> [TensorLiteral]? {
    if types.count == 1, let shape = types[0].constantShape, let moved = move(op, literals, shape) {
      return [moved]
    }
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
  static func move(_ op: any TensorOp, _ literals: [TensorLiteral], _ shape: [Int]) -> TensorLiteral? {
    let source = literals[0]
    let strides = ReferenceTensor.strides(source.shape)
    switch op {
    case is Reshape: return BulkBytes.reshape(source, shape)
    case let op as Transpose:
      return BulkBytes.view(source, shape: shape, strides: op.permutation.map { strides[$0] })
    case is BroadcastTo:
      let skip = shape.count - source.shape.count
      let steps = shape.indices.map { $0 < skip || source.shape[$0 - skip] == 1 ? 0 : strides[$0 - skip] }
      return BulkBytes.view(source, shape: shape, strides: steps)
    case let op as Slice:
      let starts = op.starts.compactMap(\.constant)
      guard starts.count == shape.count else { return nil }
      return BulkBytes.view(
        source, shape: shape, strides: zip(strides, op.steps).map { $0 &* $1 },
        // A slice of nothing may start anywhere.
        offset: zip(strides, starts).reduce(0) { $0 &+ $1.0 &* $1.1 })
    case let op as Reverse:
      let flipped = shape.indices.filter { op.axes.contains($0) && shape[$0] > 0 }
      return BulkBytes.view(
        source, shape: shape,
        strides: shape.indices.map { flipped.contains($0) ? -strides[$0] : strides[$0] },
        offset: flipped.reduce(0) { $0 + (shape[$1] - 1) * strides[$1] })
    case let op as Concat: return BulkBytes.concat(literals, axis: op.axis, shape: shape)
    case is Copy: return source
    case let op as GatePanels: return op.packed(source)
    default: return nil
    }
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
    guard let count = TensorLiteral.count(of: shape), count <= limit, type.isFloat || op is Cast,
      op is Cast || literals.allSatisfy({ $0.elementType.isFloat })
    else { return nil }
    var operands: [ReferenceTensor] = []
    for literal in literals {
      guard let wide = literal.shape == shape ? literal : broadcast(literal, shape) else { return nil }
      operands.append(ReferenceTensor(wide))
    }
    if let cast = op as? Cast { return cast.converted(operands[0]).literal }
    var row = [Double](repeating: 0, count: operands.count)
    var result = [Double](repeating: 0, count: count)
    for index in 0..<count {
      for operand in operands.indices { row[operand] = operands[operand].floats[index] }
      result[index] = op.evaluate(floats: row)
    }
    return ReferenceTensor(type, shape, floats: result).literal
  }

  private static func broadcast(_ literal: TensorLiteral, _ shape: [Int]) -> TensorLiteral? {
    FoldRules.move(BroadcastTo(shape.map { Dimension($0) }), [literal], shape)
  }
}
