import TensorIR

extension Loop {
  /// The gradient by a loop that runs backwards over as many trips as there were. The loop itself stacks, beside what it
  /// collects, those carried values that a trip's gradient needs.
  public func differentiate(
    _ operation: Operation, of function: Function, _ operands: [Tensor]
  ) throws -> Differentiated {
    let trace = try trace(of: operands)
    if within != nil {
      throw Diagnostic("not-differentiable", "a 'loop' that carries values whose extents change has no gradient")
    }
    let body = function.function(of: operation.regions[0])
    let trip = try Composition.apart { try TripGradient(self, body, operands.map(\.type), trace.symbols) }
    var forward = StackingLoop(self, body, stacked: trip.stacked, trace)
    let results = try forward.record(operands, at: operation.location)
    return Differentiated(Array(results.prefix(operation.results.count))) { [forward] cotangents in
      if cotangents.allSatisfy({ $0 == nil }) { return operands.map { _ in nil } }
      let backward = BackwardLoop(
        trip: trip, trips: forward.trips, operands: operands, stacks: Array(results.dropFirst(operation.results.count)),
        trace: trace, location: operation.location)
      return try Composition.apart { try backward.pull(cotangents) }
    }
  }
}

/// A loop that stacks some of what a trip begins with beside what it collects.
private struct StackingLoop {
  private var op: Loop
  private var body: Function
  private let trace: TraceRecorder
  /// How many trips there were, once it is recorded.
  private(set) var trips: Dimension

  /// - Parameter stacked: which of the body's first parameters, the number of the trip and the carried values.
  init(_ op: Loop, _ body: Function, stacked: [Int], _ trace: TraceRecorder) {
    (self.op, self.body, self.trace) = (op, body, trace)
    self.body.body.results += stacked.map { body.body.parameters[$0] }
    trips = op.length ?? op.trips ?? 0
    // Without results that are stacked, fewer trips than none are none.
    if body.body.results.count == op.extra + op.carried, let own = op.trips,
      trace.symbols.isAtMost(0, own) != .yes
    {
      trips = .maximum(own, 0)
      self.op.trips = trips
    }
    guard op.length == nil, op.exits || op.trips == nil else { return }
    let bound = op.trips == nil ? nil : trips
    let length = Symbol.computed(trace.symbols.freshName("trips"), bound: bound)
    trace.declare(length)
    trips = Dimension(symbol: length.name)
    self.op.length = trips
    // Something must be collected for the length to be known.
    if stacked.isEmpty { self.body.body.results.append(body.body.parameters[0]) }
  }

  mutating func record(_ operands: [Tensor], at location: Location) throws -> [Tensor] {
    try trace.add(op, operands, bodies: [body], at: location)
  }
}

/// The loop that pulls cotangents through the trips, the last one first.
private struct BackwardLoop {
  let trip: TripGradient
  let trips: Dimension
  let operands: [Tensor]
  let stacks: [Tensor]
  let trace: TraceRecorder
  let location: Location

  func pull(_ cotangents: [Tensor?]) throws -> [Tensor?] {
    let (op, start) = (trip.op, 1 + trip.op.extra)
    let carried = try trip.carried.map { try cotangents[$0] ?? zeros(operands[start + $0].type) }
    let sums = try trip.summed.map { try zeros(trip.sumType($0)) }
    let collected = try trip.collected.map { place in
      try cotangents[op.carried + place]
        ?? zeros(trip.collectedType(place).with(shape: [trips] + trip.collectedType(place).shape))
    }
    let captured = operands.dropFirst(start + op.carried)
    let outside = stacks.prefix(trip.stacked.count) + captured + collected
    let body = try self.body(carried: carried, sums: sums, outside: Array(outside))
    let loop = Loop(carried: carried.count + sums.count, trips: trips, exits: false)
    let results = try trace.add(loop, [.absent] + carried + sums + outside, bodies: [body], at: location)
    var gradients = [Tensor?](repeating: nil, count: operands.count)
    for (place, result) in zip(trip.carried, results) { gradients[start + place] = result }
    for (place, result) in zip(trip.summed, results.dropFirst(carried.count)) {
      let own = start + op.carried + place
      gradients[own] = result.cast(to: operands[own].elementType)
    }
    for (row, result) in zip(trip.pulledRows, results.dropFirst(carried.count + sums.count)) {
      let own = start + op.carried + row.captured
      let gradient = ordered(result, operands[own])
      gradients[own] = gradients[own].map { $0 + gradient } ?? gradient
    }
    return gradients
  }

  private func zeros(_ type: TensorType) throws -> Tensor {
    try trace.add(Full(0, type.elementType, type.shape), [], at: location)[0]
  }

  /// What was collected backwards, in the order of the rows of what it is the gradient of; those of no trip are zero.
  private func ordered(_ rows: Tensor, _ whole: Tensor) -> Tensor {
    let forwards = Tensor.one(Reverse(axes: [0]), rows)
    guard trips != whole.shape[0] else { return forwards }
    let margins = whole.shape.indices.map { $0 == 0 ? whole.shape[0] - trips : 0 }
    return forwards.padded(before: margins.map { _ in 0 }, after: margins)
  }

  private func body(carried: [Tensor], sums: [Tensor], outside: [Tensor]) throws -> Function {
    let inner = TraceRecorder(name: "backward", symbols: trace.symbols)
    let count = inner.parameter(TensorType(.i64, []))
    let cotangents = carried.map { inner.parameter($0.type) }
    let totals = sums.map { inner.parameter($0.type) }
    let values = outside.map { inner.parameter($0.type) }
    let number = count.dimensionValue(trips - 1) - count
    let captured = Array(values.dropFirst(trip.stacked.count).dropLast(trip.collected.count))
    var arguments = [Tensor?](repeating: nil, count: 1 + trip.op.carried)
    for (place, stack) in zip(trip.stacked, values) { arguments[place] = stack.gather(number) }
    arguments[0] = number
    let rows = trip.rows.map { captured[$0.captured].gather(number) }
    let seeds = values.suffix(trip.collected.count).map { $0.gather(number) }
    let found = try inline(trip.pull, into: inner, arguments + captured + rows + cotangents + seeds)
    let added = zip(totals, found.dropFirst(carried.count)).map { $0 + $1 }
    let results = found.prefix(carried.count) + added + found.dropFirst(carried.count + totals.count)
    var symbols = trace.symbols
    return try inner.finish(Array(results)).renamingSizes(apartFrom: &symbols)
  }

  private func inline(_ function: Function, into inner: TraceRecorder, _ arguments: [Tensor?]) throws -> [Tensor] {
    var known: [ValueID: Tensor] = [:]
    for (parameter, argument) in zip(function.body.parameters, arguments) { known[parameter] = argument }
    for symbol in function.symbols.symbols where inner.symbols[symbol.name] == nil { inner.declare(symbol) }
    for operation in function.body.operations {
      let operands = operation.operands.map { $0.flatMap { known[$0] }.map { ValueID($0.id) } }
      for (id, made) in zip(operation.results, try inner.copy(operation, from: function, operands: operands)) {
        known[id] = Tensor(inner, made.index)
      }
    }
    return function.body.results.compactMap { known[$0] }
  }
}
