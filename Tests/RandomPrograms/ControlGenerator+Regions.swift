import TensorIR
import TensorOps

// Branches and loops.

extension ControlGenerator {
  /// A scope for a region with parameters of some types.
  private func inner(_ scope: Scope, _ types: [TensorType]) -> Scope {
    let made = Scope(TraceRecorder(name: "region", symbols: scope.trace.symbols), depth: scope.depth + 1)
    made.pool = types.map { made.trace.parameter($0) }
    return made
  }

  private func steps(_ scope: Scope, _ most: Int) {
    for _ in 0..<number(0...most) where budget > 0 { step(scope) }
  }

  private func captured(_ scope: Scope, _ most: Int) -> [Tensor] {
    (0..<number(1...most)).compactMap { _ in pick(scope) }
  }

  // MARK: if

  func branches(_ scope: Scope) -> [Tensor] {
    guard let first = pickFloat(scope), let condition = condition(scope) else { return [] }
    let operands = [first] + captured(scope, 3)
    // What a result is like; it may be resized along an axis.
    let wanted = operands.indices.filter { $0 == 0 || chance(3) }
    let axes = wanted.map { place in
      operands[place].rank > 0 && operands[place].elementType != .bool && chance(3)
        ? number(0...operands[place].rank - 1) : nil
    }
    var bodies: [(function: Function, types: [TensorType])] = []
    for _ in 0..<2 {
      let body = inner(scope, operands.map(\.type))
      let parameters = body.pool
      steps(body, 2)
      var results: [Tensor] = []
      for (place, axis) in zip(wanted, axes) {
        let x = parameters[place]
        let other = axis.flatMap { chance(4) ? nil : resized(body, x, $0) }
        results.append(other ?? (chance(5) ? x : changed(body, x) ?? x))
      }
      guard let function = try? body.trace.finish(results) else { return [] }
      bodies.append((function, results.map(\.type)))
    }
    var sizes: [Dimension] = []
    for (a, b) in zip(bodies[0].types, bodies[1].types) {
      guard a.rank == b.rank, a.elementType == b.elementType else { return [] }
      for (p, q) in zip(a.shape, b.shape) where p != q {
        let bounds = [(p, bodies[0].function), (q, bodies[1].function)].compactMap { $1.symbols.bound(of: $0) }
        sizes.append(freshSize(scope, bound: bounds.count == 2 ? .maximum(bounds[0], bounds[1]) : nil))
      }
    }
    return tryAdd(scope, If(sizes: sizes), [condition] + operands, bodies: bodies.map(\.function)) ?? []
  }

  // MARK: loop

  /// How often a loop runs, beside its condition.
  private struct Trips {
    var operand = Tensor.absent
    var dimension: Dimension?
    var exits = false
    /// The most trips; nil where that is not known.
    var most: Dimension?
  }

  private func trips(_ scope: Scope) -> Trips {
    var made = Trips()
    made.exits = chance(2)
    switch number(0...7) {
    case 0...2: made.dimension = Dimension(number(0...4))
    case 3...4: made.dimension = Dimension(symbol: chance(2) ? "a" : "b")
    case 5...6:
      let scalar = pick(scope) { $0.elementType == .i64 && $0.rank == 0 }
      made.operand = clipped(scope, scalar, -1, integer(scope, 5)) ?? .absent
      if made.operand.isAbsent { made.dimension = 3 }
    default: made.exits = true
    }
    made.most = made.dimension
    return made
  }

  func repeated(_ scope: Scope) -> [Tensor] {
    guard let first = pickFloat(scope) else { return [] }
    var trips = trips(scope)
    let carried = [first] + captured(scope, 2).dropFirst(chance(2) ? 1 : 0)
    let rest = captured(scope, 3) + scannable(scope, trips)
    let begins = trips.exits ? (chance(3) ? condition(scope) : add(scope, Full(1, .bool, []))) : nil
    if trips.exits, begins == nil { trips.exits = false }
    if !trips.exits, trips.dimension == nil, trips.operand.isAbsent { return [] }
    let growing = Growing(self, scope, carried.map(\.type), trips.most)
    let body = inner(scope, [TensorType(.i64, [])] + growing.types + rest.map(\.type))
    let parameters = body.pool
    for row in rest.indices where trips.dimension.map({ rest[row].rank > 0 && rest[row].shape[0] == $0 }) ?? false {
      if let own = add(body, Gather(axis: 0), parameters[1 + carried.count + row], parameters[0]) {
        body.pool.append(own)
      }
    }
    steps(body, 3)
    let state = parameters.dropFirst().prefix(carried.count)
    let next = growing.next(self, body, Array(state))
    let outer = scope.trace.symbols
    let collected = body.pool.filter { value in
      chance(4) && value.shape.allSatisfy { $0.symbols.allSatisfy { outer[$0] != nil && !growing.within($0) } }
    }.prefix(2)
    var results = next + collected
    if trips.exits {
      guard
        let goesOn = goesOn(body, count: parameters[0], isLimited: trips.dimension != nil || !trips.operand.isAbsent)
      else { return [] }
      results.insert(goesOn, at: 0)
    }
    guard let function = try? body.trace.finish(results) else { return [] }
    var op = Loop(carried: carried.count, trips: trips.dimension, exits: trips.exits)
    if !collected.isEmpty, trips.exits || trips.dimension == nil { op.length = freshSize(scope, bound: trips.most) }
    growing.declare(&op, scope)
    let operands = [trips.operand] + (begins.flatMap { trips.exits ? [$0] : nil } ?? []) + carried + rest
    return tryAdd(scope, op, operands, bodies: [function]) ?? []
  }

  /// A value with a row for each trip.
  private func scannable(_ scope: Scope, _ trips: Trips) -> [Tensor] {
    guard let length = trips.dimension else { return [] }
    return pick(scope) { $0.rank > 0 && $0.shape[0] == length && $0.elementType.isFloat }.map { [$0] } ?? []
  }

  private func goesOn(_ body: Scope, count: Tensor, isLimited: Bool) -> Tensor? {
    let condition = condition(body)
    if isLimited, chance(2) { return condition }
    guard let limit = integer(body, number(0...4)), let early = add(body, Less(), count, limit) else { return nil }
    return condition.flatMap { chance(2) ? add(body, LogicalAnd(), early, $0) : nil } ?? early
  }

  /// Carried values of which one axis may change.
  private struct Growing {
    private(set) var types: [TensorType]
    private var changes: [(value: Int, axis: Int, within: Dimension, bound: Dimension?)] = []

    init(_ generator: ControlGenerator, _ scope: Scope, _ types: [TensorType], _ trips: Dimension?) {
      self.types = types
      for (place, type) in types.enumerated()
      where type.rank > 0 && type.elementType.isFloat && generator.chance(4) {
        let axis = generator.number(0...type.rank - 1)
        // Each trip adds one at most, unless the bound is left out.
        let bound = trips.map { type.shape[axis] + .maximum($0, 0) }
        let own = generator.freshSize(scope, bound: bound)
        self.types[place] = type.with(shape: type.shape.indices.map { $0 == axis ? own : type.shape[$0] })
        changes.append((place, axis, own, scope.trace.symbols[own.symbolName ?? ""]?.bound))
      }
    }

    func within(_ name: String) -> Bool { changes.contains { $0.within.symbolName == name } }

    func next(_ generator: ControlGenerator, _ body: Scope, _ state: [Tensor]) -> [Tensor] {
      state.enumerated().map { place, x in
        guard let change = changes.first(where: { $0.value == place }) else {
          return generator.chance(6) ? x : generator.changed(body, x) ?? x
        }
        return change.bound == nil
          ? generator.resized(body, x, change.axis) ?? x : grown(generator, body, x, change.axis)
      }
    }

    private func grown(_ generator: ControlGenerator, _ body: Scope, _ x: Tensor, _ axis: Int) -> Tensor {
      if generator.chance(3) { return generator.compressed(body, x, axis) ?? x }
      let margins = x.shape.indices.map { Dimension($0 == axis ? 1 : 0) }
      return generator.add(body, Pad(before: margins.map { _ in 0 }, after: margins, value: 1), x) ?? x
    }

    func declare(_ op: inout Loop, _ scope: Scope) {
      if changes.isEmpty { return }
      op.within = changes.map(\.within)
      op.after = changes.map { change in
        let name = "\(change.within.symbolName ?? "")e"
        scope.trace.declare(.computed(name, bound: change.bound))
        return Dimension(symbol: name)
      }
    }
  }
}
