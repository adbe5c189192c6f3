import TensorIR
import TensorOps
import TestSamples

/// `if`, `loop` and sizes that a run finds, put between the other operations of a program.
extension ProgramGenerator {
  /// Elements of a region's tensors; loops make many of them.
  private static let mostBodyElements = 200

  mutating func addControl() throws {
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: try addBranch()
    case 2, 3: try addLoop()
    case 4: try addCount()
    default: try addPart()
    }
  }

  // MARK: if

  private mutating func addBranch() throws {
    guard let target = numeric() else { return }
    let captures = [target] + (0..<Int.random(in: 0...2, using: &random)).compactMap { _ in small() }
    let condition = try boolean()
    let extent = target.shape.first
    let differs = extent != nil && extent?.constant == nil && Int.random(in: 0..<3, using: &random) == 0
    let bodies = try [true, false].map { isFirst in
      try body(captures.map(\.type)) { inner, parameters in
        let result = inner.mixed(parameters[0], inner.pool.last ?? parameters[0])
        return [differs && isFirst ? Tensor.concat([result, parameters[0]], axis: 0) : result]
      }
    }
    let sizes = differs ? [try declare("taken")] : nil
    try append(If(sizes: sizes), [condition] + captures, bodies)
  }

  // MARK: loop

  private mutating func addLoop() throws {
    guard let first = numeric() else { return }
    let carried = [first] + (Bool.random(using: &random) ? [numeric()].compactMap { $0 } : [])
    let captures = (0..<Int.random(in: 0...2, using: &random)).compactMap { _ in small() }
    let exits = Int.random(in: 0..<5, using: &random) < 2
    let grows = first.rank > 0 && Int.random(in: 0..<4, using: &random) == 0
    var (limit, trips): (Tensor, Dimension?) = (.absent, nil)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: trips = Dimension(Int.random(in: 0...4, using: &random))
    case 1: trips = Dimension(symbol: symbols.randomElement(using: &random) ?? symbols[0])
    default: limit = number(Int.random(in: 0...5, using: &random))
    }
    let collects = Bool.random(using: &random)
    var op = Loop(carried: carried.count, trips: trips, exits: exits)
    if collects, exits || trips == nil { op.length = try declare("trips") }
    var types = carried.map(\.type.plain)
    if grows {
      (op.within, op.after) = ([try declare("within")], [try declare("after")])
      types[0].shape[0] = op.within?[0] ?? 0
    }
    let last = Int.random(in: 0...4, using: &random)
    let inner = try body([TensorType(.i64, [])] + types + captures.map(\.type)) { inner, parameters in
      let trip = parameters[0]
      var values: [Tensor] = exits ? [trip .< trip.like(Double(last))] : []
      for (place, state) in parameters.dropFirst().prefix(carried.count).enumerated() {
        let moved = inner.mixed(state, inner.pool.filter { $0.id != state.id }.last ?? trip)
        values.append(grows && place == 0 ? Tensor.concat([state, moved], axis: 0) : moved)
      }
      return values + (collects ? [inner.pool.last ?? trip] : [])
    }
    let begins = exits ? [try boolean()] : []
    // What doubles in every trip is soon too large.
    if grows, sizes[trips?.symbolName ?? ""] ?? 0 > 5 { return }
    try append(op, [limit] + begins + carried + captures, [inner])
  }

  // MARK: Sizes

  /// How many elements are not zero, and where they stand.
  private mutating func addCount() throws {
    let candidates = pool.filter { $0.rank > 0 && (!$0.elementType.isFloat || isParameter($0)) }
    guard let x = candidates.filter({ $0.elementType.bitWidth >= 8 }).randomElement(using: &random) else { return }
    let isThere = x.elementType == .bool ? x : x .> x.like(0)
    let size = try declare("found")
    try append(Size(size), [isThere.nonzeroCount()], [])
    guard let places = try append(Nonzero(count: size), [isThere], []).first, x.rank == 1 else { return }
    let rows = places.reshaped(to: [size])
    pool.append(rows)
    try append(Gather(axis: 0), [x, rows], [])
  }

  /// As many of the first elements along an axis as a number says.
  private mutating func addPart() throws {
    guard let x = pool.filter({ $0.rank > 0 }).randomElement(using: &random),
      let extent = x.shape[0].evaluate({ sizes[$0] })
    else { return }
    let size = try declare("part")
    let count = number(Int.random(in: 0...extent, using: &random))
    try append(Size(size), [count], [])
    let shape = [size] + x.shape.dropFirst()
    try append(
      Slice(starts: shape.map { _ in 0 }, sizes: shape, steps: shape.map { _ in 1 }), [x], [])
  }

  // MARK: Parts

  /// A float state moved a little, an integer one by a sum: both hang on another value and stay small.
  private func mixed(_ state: Tensor, _ value: Tensor) -> Tensor {
    let axes = Array(0..<value.rank)
    if state.elementType.isFloat {
      let wide = value.cast(to: .f32)
      let sum = (axes.isEmpty ? wide : wide.sum(axes: axes)).tanh()
      return state * state.like(0.5) + sum.cast(to: state.elementType)
    }
    if value.elementType.isFloat { return state + state.like(1) }
    let whole = value.cast(to: .i64)
    return state + (axes.isEmpty ? whole : whole.sum(axes: axes)).cast(to: state.elementType)
  }

  /// A function of its own that a few operations on its parameters make.
  private mutating func body(
    _ types: [TensorType], _ finish: (ProgramGenerator, [Tensor]) throws -> [Tensor]
  ) throws -> Function {
    var inner = ProgramGenerator(inside: self)
    let parameters = types.map { inner.trace.parameter($0) }
    inner.pool = parameters
    let wanted = Int.random(in: 1...5, using: &inner.random)
    var attempts = 0
    while inner.trace.operationCount < wanted, attempts < 30 {
      attempts += 1
      try inner.addOperation()
    }
    inner.pool.removeAll { tensor in
      let count = tensor.type.count.evaluate { inner.sizes[$0] }
      return count.map { $0 > Self.mostBodyElements } ?? true
    }
    random = inner.random
    return try inner.trace.finish(finish(inner, parameters))
  }

  private func isParameter(_ tensor: Tensor) -> Bool {
    trace.builder.function.body.parameters.contains(ValueID(tensor.id))
  }

  private mutating func numeric() -> Tensor? {
    pool.filter { $0.elementType != .bool && $0.elementType.bitWidth >= 8 && isSmall($0) }.randomElement(using: &random)
  }

  private mutating func small() -> Tensor? { pool.filter(isSmall).randomElement(using: &random) }

  private func isSmall(_ tensor: Tensor) -> Bool {
    (tensor.type.count.evaluate { sizes[$0] } ?? .max) <= Self.mostBodyElements
  }

  /// An i64 scalar that is a parameter.
  private mutating func number(_ value: Int) -> Tensor {
    add(SampleOperand(.i64, [], .list([Double(value)])), TensorType(.i64, []))
  }

  private mutating func boolean() throws -> Tensor {
    if Bool.random(using: &random), let x = pool.filter({ !$0.elementType.isFloat && $0.rank > 0 }).last {
      let sum = x.cast(to: .i64).sum(axes: Array(0..<x.rank))
      return sum .> sum.like(0)
    }
    return add(SampleOperand(.bool, [], .list([Bool.random(using: &random) ? 1 : 0])), TensorType(.bool, []))
  }

  private mutating func declare(_ stem: String) throws -> Dimension {
    found += 1
    let name = "\(stem)\(found)_\(seed)"
    trace.declare(.computed(name, bound: nil))
    return Dimension(symbol: name)
  }

  /// Records an operation and finds out the sizes that it defines. One that fails here fails when it runs too, so it is
  /// taken out again.
  @discardableResult
  private mutating func append(_ op: any TensorOp, _ operands: [Tensor], _ bodies: [Function]) throws -> [Tensor] {
    let results = try trace.add(op, operands, bodies: bodies)
    let numbers = try Evaluator.run(trace.finish(results), values)
    for (tensor, number) in zip(results, numbers) {
      for (extent, size) in zip(tensor.shape, number.shape) {
        if let name = extent.symbolName, op.definedSizes.contains(name) { sizes[name] = size }
      }
    }
    if let size = (op as? Size)?.symbol.symbolName { sizes[size] = numbers[0].integers[0] }
    pool += results.filter { _ in !(op is Size) }
    return results
  }
}
