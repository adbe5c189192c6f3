import TensorIR
import TensorOps

// Sizes that the run finds.

extension ControlGenerator {
  /// A scalar's number as a size.
  func size(_ scope: Scope, of scalar: Tensor?, bound: Dimension?) -> Dimension? {
    guard let scalar else { return nil }
    let symbol = freshSize(scope, bound: bound)
    return add(scope, Size(symbol), scalar) == nil ? nil : symbol
  }

  /// A number of the program from 0 to an extent, as a size.
  private func part(_ scope: Scope, of extent: Dimension) -> Dimension? {
    let scalar = pick(scope) { $0.elementType == .i64 && $0.rank == 0 }
    let most = add(scope, DimensionValues([extent], []))
    return size(scope, of: clipped(scope, scalar, 0, most), bound: extent)
  }

  func found(_ scope: Scope) -> [Tensor?] {
    switch number(0...7) {
    case 0:
      guard let x = pick(scope, where: { $0.rank > 0 }), let places = nonzero(scope, x) else { return [] }
      return [places, add(scope, Cast(to: float), places)]
    case 1...2: return [pickFloat(scope, rank: 1).flatMap { compressed(scope, $0, number(0...$0.rank - 1)) }]
    case 3:
      let scalar = pick(scope) { $0.elementType == .i64 && $0.rank == 0 }
      guard let extent = size(scope, of: clipped(scope, scalar, 0, integer(scope, 6)), bound: 6) else { return [] }
      return [add(scope, Iota(chance(2) ? float : .i64, [extent], axis: 0))]
    case 4: return [slicedByNumber(scope)]
    case 5: return highest(scope)
    case 6: return [unique(scope)]
    default: return [repeatedByNumber(scope)]
    }
  }

  private func nonzero(_ scope: Scope, _ x: Tensor) -> Tensor? {
    guard let truths = x.elementType == .bool ? x : add(scope, Cast(to: .bool), x),
      let ones = add(scope, Cast(to: .i64), truths)
    else { return nil }
    let count = add(scope, Sum(axes: Array(0..<x.rank)), ones)
    guard let extent = size(scope, of: count, bound: x.type.count) else { return nil }
    return add(scope, Nonzero(count: extent), chance(2) ? x : truths)
  }

  /// What stands along an axis where there is more than something.
  func compressed(_ scope: Scope, _ x: Tensor, _ axis: Int) -> Tensor? {
    guard x.elementType.isFloat,
      let line = add(scope, Max(axes: (0..<x.rank).filter { $0 != axis }), x),
      let limit = add(scope, Full(Double(number(-1...1)), x.elementType, [])),
      let truths = add(scope, Greater(), line, limit), let places = nonzero(scope, truths),
      let indices = add(scope, Reshape([places.shape[1]]), places)
    else { return nil }
    return add(scope, Gather(axis: axis), x, indices)
  }

  private func slicedByNumber(_ scope: Scope) -> Tensor? {
    guard let x = pick(scope, where: { $0.rank > 0 }) else { return nil }
    let axis = number(0...x.rank - 1)
    guard let extent = part(scope, of: x.shape[axis]) else { return nil }
    let start = chance(2) ? x.shape[axis] - extent : 0
    return add(
      scope,
      Slice(
        starts: x.shape.indices.map { $0 == axis ? start : 0 },
        sizes: x.shape.indices.map { $0 == axis ? extent : x.shape[$0] }, steps: x.shape.map { _ in 1 }), x)
  }

  private func highest(_ scope: Scope) -> [Tensor?] {
    guard let x = pickFloat(scope, rank: 1) else { return [] }
    let axis = number(0...x.rank - 1)
    guard let extent = part(scope, of: x.shape[axis]) else { return [] }
    return tryAdd(scope, TopK(extent, axis: axis, largest: chance(2)), [x]) ?? []
  }

  /// The numbers that there are, in order: those unlike the one before them.
  private func unique(_ scope: Scope) -> Tensor? {
    guard let x = pickFloat(scope, rank: 1), let flat = add(scope, Reshape([x.type.count]), x),
      let sorted = add(scope, Sort(axis: 0), flat),
      x.type.count.evaluate({ sizes[$0] }) ?? 0 > 0
    else { return nil }
    let rest = x.type.count - 1
    guard let low = add(scope, Slice(starts: [0], sizes: [rest], steps: [1]), sorted),
      let high = add(scope, Slice(starts: [1], sizes: [rest], steps: [1]), sorted),
      let differs = add(scope, NotEqual(), low, high), let first = add(scope, Full(1, .bool, [1])),
      let truths = add(scope, Concat(axis: 0), first, differs), let places = nonzero(scope, truths),
      let indices = add(scope, Reshape([places.shape[1]]), places)
    else { return nil }
    return add(scope, Gather(axis: 0), sorted, indices)
  }

  private func repeatedByNumber(_ scope: Scope) -> Tensor? {
    guard let x = pickFloat(scope), x.rank < 3, let times = part(scope, of: 3) else { return nil }
    if x.rank > 0, chance(2) {
      let margins = x.shape.indices.map { $0 == 0 ? times : Dimension(0) }
      return add(scope, Pad(before: margins, after: margins.map { _ in 0 }, value: 1), x)
    }
    guard let wide = add(scope, BroadcastTo([times] + x.shape), x) else { return nil }
    return x.rank > 0 && chance(2) ? add(scope, Reshape([times * x.shape[0]] + x.shape.dropFirst()), wide) : wide
  }
}
