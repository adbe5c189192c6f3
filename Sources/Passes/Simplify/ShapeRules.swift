import TensorIR
import TensorOps

/// Reshapes, transposes and casts that do nothing, or do in two steps what one does.
enum ShapeRules {
  static let rules: [Rule] = [
    reshapeToSame, reshapeTwice, identityTranspose, transposeTwice, transposeOfOnes, transposeRegrouped, castToSame,
    castTwice,
  ]

  private static let reshapeToSame = Rule("reshape-to-same", on: Reshape.self) { _, site in
    site.operandTypes[0].plain == site.resultType ? [site.operand(0)].compactMap { $0 } : nil
  }

  private static let reshapeTwice = Rule("reshape-twice", on: Reshape.self) { op, site in
    guard let inner = site.producer(of: site.operand(0), as: Reshape.self) else { return nil }
    return [try site.one(op, inner.operation.operands[0])]
  }

  private static let identityTranspose = Rule("transpose-identity", on: Transpose.self) { op, site in
    op.permutation == Array(op.permutation.indices) ? [site.operand(0)].compactMap { $0 } : nil
  }

  private static let transposeTwice = Rule("transpose-twice", on: Transpose.self) { op, site in
    guard let inner = site.producer(of: site.operand(0), as: Transpose.self) else { return nil }
    return [
      try site.one(Transpose(op.permutation.map { inner.op.permutation[$0] }), inner.operation.operands[0])
    ]
  }

  /// Axes of extent 1 may stand anywhere: if the others keep their order, nothing moves in memory.
  private static let transposeOfOnes = Rule("transpose-of-ones", on: Transpose.self) { op, site in
    let shape = site.operandTypes[0].shape
    let moved = op.permutation.filter { shape[$0] != 1 }
    guard moved == moved.sorted(), op.permutation != Array(shape.indices) else { return nil }
    return [try site.one(Reshape(site.resultType.shape), site.operand(0))]
  }

  /// Between two transpositions a reshape that joins a part of one axis with another (patches of pictures, as exporters cut them)
  /// lets neither be a view. Of axes that are parts of both shapes, they are one.
  private static let transposeRegrouped = Rule("transpose-regrouped", on: Transpose.self) { outer, site in
    guard let reshape = site.producer(of: site.operand(0), as: Reshape.self),
      let inner = site.producer(of: reshape.operation.operands[0], as: Transpose.self),
      let source = inner.operation.operands[0]
    else { return nil }
    let shape = site.type(of: source).shape
    guard let factors = ReshapeRun.factors(inner.op.permutation.map { shape[$0] }, reshape.op.shape),
      isRegrouped(factors.first, factors.second)
    else { return nil }
    // The axes of the parts, numbered as they lie in the source.
    var parts = [[Int]](repeating: [], count: shape.count)
    var extents: [Dimension] = []
    for axis in shape.indices {
      guard let place = inner.op.permutation.firstIndex(of: axis) else { return nil }
      parts[place] = Array(extents.count..<(extents.count + factors.first[place].count))
      extents += factors.first[place]
    }
    var rest = parts.flatMap { $0 }[...]
    let groups = factors.second.map { group in group.compactMap { _ in rest.popFirst() } }
    let apart = try site.one(Reshape(extents), source)
    let moved = try site.one(Transpose(outer.permutation.flatMap { groups[$0] }), apart)
    return [try site.one(Reshape(site.resultType.shape), moved)]
  }

  /// Whether an axis of the second shape joins a part of one axis of the first with something else.
  private static func isRegrouped(_ first: [[Dimension]], _ second: [[Dimension]]) -> Bool {
    let isPart = first.flatMap { factors in factors.map { _ in factors.count > 1 } }
    var place = 0
    return second.contains { group in
      defer { place += group.count }
      return group.count > 1 && isPart[place..<(place + group.count)].contains(true)
    }
  }

  private static let castToSame = Rule("cast-to-same", on: Cast.self) { op, site in
    site.operandTypes[0].elementType == op.to ? [site.operand(0)].compactMap { $0 } : nil
  }

  /// A cast that loses nothing may be left out before another one.
  private static let castTwice = Rule("cast-twice", on: Cast.self) { op, site in
    guard let inner = site.producer(of: site.operand(0), as: Cast.self),
      let source = inner.operation.operands[0],
      losesNothing(from: site.type(of: source).elementType, to: inner.op.to)
    else { return nil }
    return [try site.one(op, source)]
  }

  /// Whether a cast keeps every value and its kind. An integer made a float would later saturate, not wrap.
  private static func losesNothing(from: ElementType, to: ElementType) -> Bool {
    if from == .bool { return true }
    switch (from, to) {
    case (.f16, .f32), (.bf16, .f32), (.f16, .f64), (.bf16, .f64), (.f32, .f64): return true
    default:
      guard from.isInteger, to.isInteger, from.bitWidth < to.bitWidth else { return false }
      return !from.isSigned || to.isSigned
    }
  }
}
