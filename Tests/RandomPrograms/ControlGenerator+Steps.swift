import TensorIR
import TensorOps

// Operations between the decisions.

extension ControlGenerator {
  /// A value of the same type, of this one and perhaps of others of a scope.
  func changed(_ scope: Scope, _ x: Tensor) -> Tensor? {
    if x.elementType == .bool { return changedTruth(scope, x) }
    guard x.elementType.isFloat else { return changedNumber(scope, x) }
    let other = pick(scope) { $0.type == x.type }
    let scalar = pick(scope) { $0.elementType == x.elementType && $0.rank == 0 }
    let half = add(scope, Full(0.5, x.elementType, []))
    switch number(0...13) {
    case 0: return add(scope, Tanh(), x)
    case 1: return half.flatMap { add(scope, Multiply(), x, $0) }
    case 2: return add(scope, Relu(), x)
    case 3: return add(scope, Negate(), x)
    case 4: return add(scope, Sigmoid(), x)
    case 5 where x.rank > 0: return add(scope, Reverse(axes: [number(0...x.rank - 1)]), x)
    case 6 where x.rank > 0: return add(scope, Softmax(axis: number(0...x.rank - 1)), x)
    case 7 where x.rank > 0:
      let sum = add(scope, CumulativeSum(axis: number(0...x.rank - 1)), x)
      return sum.flatMap { limited(scope, $0) }
    case 8 where x.rank > 0:
      let mean = add(scope, Mean(axes: [number(0...x.rank - 1)], keepAxes: true), x)
      return mean.flatMap { add(scope, Subtract(), x, $0) }
    case 9:
      guard let other,
        let truth = pick(scope, where: { $0.elementType == .bool && ($0.rank == 0 || $0.shape == x.shape) })
      else { return nil }
      return add(scope, Select(), truth, other, x)
    case 10 where x.rank > 0:
      return add(scope, Sort(axis: x.rank - 1, descending: chance(2)), x)
    default:
      guard let other = chance(2) ? other ?? scalar : scalar ?? other else { return add(scope, Absolute(), x) }
      let op: any TensorOp = [Add(), Subtract(), Multiply(), Maximum(), Minimum()][number(0...4)] as any TensorOp
      return add(scope, op, x, other).flatMap { limited(scope, $0) }
    }
  }

  private func limited(_ scope: Scope, _ x: Tensor) -> Tensor? {
    chance(3) ? add(scope, Clip(minimum: -8, maximum: 8), x) : x
  }

  private func changedTruth(_ scope: Scope, _ x: Tensor) -> Tensor? {
    guard let other = pick(scope, where: { $0.type == x.type }), !chance(3) else { return add(scope, LogicalNot(), x) }
    return add(scope, [LogicalAnd(), LogicalOr(), LogicalXor()][number(0...2)] as any TensorOp, x, other)
  }

  private func changedNumber(_ scope: Scope, _ x: Tensor) -> Tensor? {
    let other =
      pick(scope) { $0.elementType == x.elementType && ($0.rank == 0 || $0.type == x.type) }
      ?? add(scope, Full(Double(number(-3...3)), x.elementType, []))
    guard let other,
      let made = add(
        scope, [Add(), Subtract(), Multiply(), Maximum(), Minimum()][number(0...4)] as any TensorOp, x, other),
      let seven = add(scope, Full(7, x.elementType, []))
    else { return nil }
    return add(scope, Remainder(), made, seven)
  }

  func reduced(_ scope: Scope) -> Tensor? {
    guard let x = pickFloat(scope, rank: 1) else { return nil }
    let axis = number(0...x.rank - 1)
    switch number(0...4) {
    case 0: return add(scope, Sum(axes: [axis], keepAxes: chance(2)), x)
    case 1: return add(scope, Max(axes: [axis], keepAxes: chance(2)), x)
    case 2: return add(scope, Mean(axes: Array(0..<x.rank)), x)
    case 3: return add(scope, ArgMax(axis: axis), x)
    default: return add(scope, Sum(axes: Array(0..<x.rank)), x)
    }
  }

  func moved(_ scope: Scope) -> Tensor? {
    guard let x = pick(scope, where: { $0.rank > 0 && $0.elementType != .bool }) else { return nil }
    let axis = number(0...x.rank - 1)
    switch number(0...5) {
    case 0: return add(scope, Transpose((0..<x.rank).shuffled(using: &random)), x)
    case 1: return add(scope, Reshape([x.shape.reduce(1, *)]), x)
    case 2: return add(scope, Concat(axis: axis), x, x)
    case 3: return resized(scope, x, axis)
    case 4: return add(scope, Pad(before: x.shape.map { _ in 1 }, after: x.shape.map { _ in 0 }), x)
    default: return add(scope, Reshape([1] + x.shape), x)
    }
  }

  /// The value with another extent along an axis.
  func resized(_ scope: Scope, _ x: Tensor, _ axis: Int) -> Tensor? {
    func cut(to size: Dimension) -> Slice {
      Slice(
        starts: x.shape.map { _ in 0 }, sizes: x.shape.indices.map { $0 == axis ? size : x.shape[$0] },
        steps: x.shape.map { _ in 1 })
    }
    switch number(0...3) {
    case 0: return add(scope, Concat(axis: axis), x, x)
    case 1: return add(scope, cut(to: x.shape[axis].floorDivided(by: 2)), x)
    case 2:
      let margins = x.shape.indices.map { Dimension($0 == axis ? 1 : 0) }
      return add(scope, Pad(before: margins.map { _ in 0 }, after: margins, value: 1), x)
    default: return compressed(scope, x, axis)
    }
  }

  func integers(_ scope: Scope) -> Tensor? {
    switch number(0...2) {
    case 0: return pickFloat(scope).flatMap { add(scope, Cast(to: .i64), $0) }
    case 1:
      return pick(scope) { $0.elementType == .bool || $0.elementType == .i64 }
        .flatMap { add(scope, Cast(to: float), $0) }
    default: return pick(scope) { $0.elementType == .i64 }.flatMap { changed(scope, $0) }
    }
  }

  /// Products, and rows picked by numbers.
  func composed(_ scope: Scope) -> Tensor? {
    if chance(2) {
      guard let x = pick(scope, where: { $0.rank == 2 && $0.elementType.isFloat }) else { return nil }
      let fitting = pick(scope) {
        $0.rank == 2 && $0.elementType == x.elementType && ($0.shape[0] == x.shape[1] || $0.shape[1] == x.shape[1])
      }
      guard let other = fitting else { return add(scope, Matmul(transposeRight: true), x, x) }
      return add(scope, Matmul(transposeRight: other.shape[0] != x.shape[1]), x, other)
    }
    guard let x = pickFloat(scope, rank: 1), let indices = pick(scope, where: { $0.elementType == .i64 && $0.rank < 2 })
    else { return nil }
    let axis = number(0...x.rank - 1)
    guard x.shape[axis].evaluate({ sizes[$0] }) ?? 0 > 0, let extent = add(scope, DimensionValues([x.shape[axis]], [])),
      let places = add(scope, Remainder(), indices, extent)
    else { return nil }
    return add(scope, Gather(axis: axis), x, places)
  }
}
