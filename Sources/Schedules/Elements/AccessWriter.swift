import TensorIR
import TensorOps

/// Writes the expression of one element as an ``AccessMap`` says.
struct AccessWriter {
  private let map: AccessMap
  private let access: ElementAccess
  /// The position on each axis of the result; a vector where one of them steps.
  private let index: [Index]
  private var builder: KernelBuilder { access.builder }

  init(_ map: AccessMap, _ access: ElementAccess, at index: [Index]) {
    (self.map, self.access, self.index) = (map, access, index)
  }

  /// The element of a move.
  func moved(otherwise: Double?) throws -> Expression {
    if map.reads.count == 1, conditions(map.reads[0]).isEmpty { return try value(map.reads[0]) }
    return try access.chosen(at: index, zero: otherwise ?? 0) { try choose(0, $0) }
  }

  /// One element of every operand, in their order.
  func operands() throws -> [Expression] {
    try map.reads.map { try value($0) }
  }

  private func value(_ read: AccessMap.Read) throws -> Expression {
    var positions = self.positions
    return try value(read, &positions)
  }

  /// Assigns the element of the first read whose conditions hold.
  private func choose(_ number: Int, _ variable: Variable) throws {
    let read = map.reads[number]
    var positions = self.positions
    let tests = try conditions(read).map { try test($0, &positions) }
    let assigned = { try access.assign(variable) { try value(read, &positions) } }
    guard let first = tests.first else { return try assigned() }
    let all = tests.dropFirst().reduce(first) { Expression.binary(.logicalAnd, $0, $1) }
    if number + 1 == map.reads.count { return try builder.branch(all, then: assigned) }
    try builder.branch(all, then: assigned) { try choose(number + 1, variable) }
  }

  /// What has to be looked at: not what the loop at hand keeps to.
  private func conditions(_ read: AccessMap.Read) -> [PlaceCondition] {
    read.conditions.filter { !isInside($0.place) }
  }

  /// Whether the loop at hand keeps to places of an axis that are there.
  private func isInside(_ place: Place) -> Bool {
    guard let inside = access.evaluator.inside, inside.value == access.operation.results[0] else { return false }
    // Not where something between, such as a reversal, reads it elsewhere than the loop is.
    return inside.column == index[inside.axis] && place.axes == [inside.axis]
  }

  private func test(_ condition: PlaceCondition, _ positions: inout Positions) throws -> Expression {
    let place = try positions.declared(condition.place)
    switch condition {
    case .atLeast(_, let least): return .binary(.greaterEqual, place, builder.extent(least))
    case .less(_, let end): return .less(place, builder.extent(end))
    case .multiple(_, let factor): return .binary(.equal, place % .integer(factor), 0)
    }
  }

  private func value(_ read: AccessMap.Read, _ positions: inout Positions) throws -> Expression {
    var picks: [(place: Place, index: Expression, extent: Dimension)] = []
    for case .index(let operand, let places, let extent) in read.places {
      let picked = try access.operand(operand, at: try positions.scalars(places))
      picks.append((.index(operand: operand, at: places, extent: extent), picked, extent))
    }
    if picks.isEmpty { return try access.operand(read.operand, at: try read.places.map { try positions.index($0) }) }
    return try access.picking(picks.map { ($0.index, $0.extent) }, at: index) { found in
      var inner = positions
      for (pick, position) in zip(picks, found) { inner.known[pick.place] = position }
      return try access.operand(read.operand, at: try read.places.map { try inner.index($0) })
    }
  }

  // MARK: Places

  fileprivate var positions: Positions { Positions(self) }

  /// Places as positions in the kernel; what was computed in a block is known in that block alone.
  fileprivate struct Positions {
    let writer: AccessWriter
    var known: [Place: Index] = [:]

    init(_ writer: AccessWriter) { self.writer = writer }

    /// A position that is the same in all lanes, in a variable.
    mutating func declared(_ place: Place) throws -> Expression {
      let index = try self.index(place)
      try writer.access.requireScalar(index)
      if case .axis = place { return index.base }
      let named = Index(writer.builder.declare("place", index.base))
      known[place] = named
      return named.base
    }

    mutating func scalars(_ places: [Place]) throws -> [Index] {
      try places.map { place in
        let index = try self.index(place)
        try writer.access.requireScalar(index)
        return index
      }
    }

    private mutating func scalar(_ place: Place) throws -> Expression { try scalars([place])[0].base }

    mutating func index(_ place: Place) throws -> Index {
      if let index = known[place] { return index }
      let builder = writer.builder
      switch place {
      case .axis(let axis): return writer.index[axis]
      case .broadcast(let axis, let extent): return writer.access.ambiguous(writer.index[axis], extent: extent)
      case .size(let size): return Index(builder.extent(size))
      case .sum(let a, .size(let size)) where size.isNegated:
        let own = try index(a)
        return Index(own.base - builder.extent(-size), step: own.step)
      case .sum(let a, let b): return try index(a) + index(b)
      case .scaled(let a, let factor): return try index(a) * factor
      case .product(let a, let factor): return Index(try scalar(a) * builder.extent(factor))
      case .quotient(let a, let size): return try kept(place, "rest", try scalar(a) / builder.extent(size))
      case .remainder(let a, let size): return try kept(place, "place", try scalar(a) % builder.extent(size))
      case .bounded(let a, let extent, let rule): return try bounded(place, a, builder.extent(extent), rule)
      case .element(let operand, let places):
        return try kept(place, "place", .asIndex(try writer.access.operand(operand, at: try scalars(places))))
      case .index:
        throw Diagnostic(
          "internal", "an index of an operand is read within a formula", at: writer.access.operation.location)
      }
    }

    /// What stands for a place; the place itself where the loop at hand keeps to those that are there.
    private mutating func bounded(
      _ place: Place, _ inner: Place, _ size: Expression, _ rule: Place.Bounding
    ) throws -> Index {
      if writer.isInside(inner) { return try index(inner) }
      let builder = writer.builder
      let own = builder.declare("place", try scalar(inner))
      switch rule {
      case .edge: return try kept(place, "place", .maximum(0, .minimum(own, size - 1)))
      case .reflect:
        let low = builder.declare("low", .maximum(own, Expression.integer(0) - own))
        return try kept(place, "place", .minimum(low, (size - 1) * 2 - low))
      case .wrap:
        let rest = builder.declare("rest", own % size)
        return try kept(place, "place", .select(.less(rest, 0), rest + size, rest))
      }
    }

    private mutating func kept(_ place: Place, _ name: String, _ value: Expression) throws -> Index {
      let index = Index(writer.builder.declare(name, value))
      known[place] = index
      return index
    }
  }
}

extension ElementAccess {
  /// One element of a result, or one vector of them.
  func element(_ source: ElementSource, at index: [Index]) throws -> Expression {
    switch source {
    case .read(let map):
      let writer = AccessWriter(map, self, at: index)
      if case .moved(let otherwise) = map.use { return try writer.moved(otherwise: otherwise) }
      guard let op = operation.op as? any PointwiseOp else {
        throw Diagnostic(
          "internal", "'\(operation.op.name)' is not computed element by element", at: operation.location)
      }
      let values = try writer.operands()
      let lanes = values.map(\.type.lanes).max() ?? 1
      return op.element(
        values.map { evaluator.widened($0, lanes: lanes) },
        LoopType(resultType().elementType.computeType, lanes: lanes))
    case .place(let place): return try number(place, at: index)
    case .literal(let value): return value
    case .sizes(let sizes, let place): return try size(sizes, place, at: index)
    }
  }

  /// An index as a number.
  private func number(_ place: Place, at index: [Index]) throws -> Expression {
    let type = LoopType(resultType().elementType.computeType)
    var positions = AccessWriter(.identity(rank: index.count), self, at: index).positions
    let own = try positions.index(place)
    let first = type.element == .i64 ? own.base.data : Expression.convert(own.base, type.element)
    if own.step == 0 { return first }
    if own.step == Index.unknownStep { throw NotVectorizable() }
    return .ramp(first, step: .constant(Double(own.step), type), lanes: evaluator.lanes)
  }

  /// One of several sizes.
  private func size(_ sizes: [Dimension], _ place: Place, at index: [Index]) throws -> Expression {
    guard let last = sizes.last else { return Expression.integer(0).data }
    var positions = AccessWriter(.identity(rank: index.count), self, at: index).positions
    let chosen = sizes.count > 1 ? try positions.declared(place) : 0
    return sizes.indices.dropLast().reversed().reduce(builder.extent(last).data) { rest, position in
      .select(.binary(.equal, chosen, .integer(position)), builder.extent(sizes[position]).data, rest)
    }
  }
}
