import TensorIR
import TensorOps

/// When loops ask for memory before they need it. The processor finds the next lines of an array by itself, but stops at
/// the end of each page, and while a loop works on what it has.
enum Prefetch {
  /// The bytes of a line of the caches.
  static let line = 64

  /// What a nearer cache holds needs no fetching; a size that is known only at run time may be larger.
  static func isWorth(_ type: TensorType, on target: Target) -> Bool {
    let least = target.tuning.elements.leastPrefetched * 8 / type.elementType.bitWidth
    return type.count.constant.map { $0 >= least } ?? true
  }

  /// Whether an operand of what stands behind a product is asked for, tile by tile, before its sums are computed.
  static func isWorthBehindProducts(_ type: TensorType, on target: Target) -> Bool {
    let least = target.tuning.products.leastFetched * 8 / type.elementType.bitWidth
    return type.count.constant.map { $0 >= least } ?? true
  }
}

extension JoinedLoops {
  /// Fetches the operands that run along the innermost axis.
  func prefetch(_ leaves: [ValueID], at index: [Index]) {
    for leaf in leaves {
      let type = group.type(of: leaf)
      guard Prefetch.isWorth(type, on: evaluator.target), let buffer = evaluator.buffer(of: leaf) else { continue }
      let (offset, step) = domain.offset(leaf, index, evaluator.builder)
      guard step.constantIndex == 1 else { continue }
      let ahead = Expression.integer(evaluator.target.tuning.elements.prefetchDistance * 8 / type.elementType.bitWidth)
      evaluator.builder.emit(.prefetch(buffer, offset + ahead))
    }
  }
}

extension RowSchedule {
  /// What a walk along rows fetches ahead: operands of which the rows lie one behind the other, as long as the domain's. A
  /// single walk fetches what is some way ahead. Of several the first brings the row in, and the second, which leaves the
  /// memory idle, fetches the next row.
  func prefetchedLeaves(_ stage: Int) -> [ValueID] {
    guard stage == (isSingleWalk ? 1 : 2),
      plan.domain.layout.axes(rank: plan.domain.rank) == plan.keptAxes + plan.reducedAxes
    else { return [] }
    return domainLeaves
  }

  /// Operands that lie in memory as the domain does.
  private var domainLeaves: [ValueID] {
    plan.group.leaves.filter { leaf in
      let type = plan.group.type(of: leaf)
      return type.shape == plan.domain.shape && type.layout == plan.domain.layout
        && Prefetch.isWorth(type, on: builder.target)
    }
  }

  private var isSingleWalk: Bool { plan.depth == 1 && plan.storesOnlyRows }

  /// Fetches for the vector at a place.
  func prefetch(_ leaves: [ValueID], _ place: [Int: Index]) throws {
    for leaf in leaves {
      let distance = builder.target.tuning.elements.prefetchDistance
      let near = Expression.integer(distance * 8 / plan.group.type(of: leaf).elementType.bitWidth)
      try prefetch(leaf, place, ahead: isSingleWalk ? near : builder.extent(plan.rowCount))
    }
  }

  /// Fetches what the next group of rows has in the columns of a vector, for extrema: looking for NaN keeps fewer of their
  /// loads under way, whereas sums only lose by it.
  func prefetchNextRows(_ places: [[Int: Index]], _ axis: Int) throws {
    guard places.count == builder.target.tuning.rows.rowsAtOnce, evaluator.lanes > 1, evaluator.partialCount == nil,
      plan.group.operations.contains(where: { ($0.op as? any ReductionOp)?.isExtremum == true })
    else { return }
    let ahead = Expression.integer(places.count) * builder.extent(plan.domain.shape[axis])
    for leaf in domainLeaves {
      for place in places { try prefetch(leaf, place, ahead: ahead) }
    }
  }

  private func prefetch(_ leaf: ValueID, _ place: [Int: Index], ahead: Expression) throws {
    guard let buffer = evaluator.buffer(of: leaf) else { return }
    let index = plan.domain.shape.indices.map { place[$0] ?? .zero }
    let (offset, _) = try evaluator.offset(plan.group.type(of: leaf), at: index)
    builder.emit(.prefetch(buffer, offset + ahead))
  }
}
