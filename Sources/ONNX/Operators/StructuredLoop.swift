import TensorIR
import TensorOps

/// `Loop` as a loop of the function: for a number of trips that is a dimension or is computed, and for conditions on data.
/// What is carried keeps its rank and its element type.
struct StructuredLoop {
  private let node: NodeConversion
  private let graph: GraphImport
  private let body: Onnx_GraphProto
  private let lists: CarriedLists
  private let carried: [ImportedValue]

  init(_ node: NodeConversion) throws {
    (self.node, graph) = (node, node.graph)
    body = try node.subgraph("body")
    carried = try node.inputs.indices.dropFirst(2).map { try node.input($0) }
    lists = CarriedLists(node.graph, carried)
  }

  func results() throws -> [ImportedValue] {
    let initial = try lists.initial(carried) { count, state in
      Array(try inline(count, state).dropFirst().prefix(carried.count))
    }
    return try results(carrying: initial)
  }

  private func results(carrying initial: [Tensor]) throws -> [ImportedValue] {
    var state = LoopState(graph, initial.map(\.type))
    let traced = try state.trace(first: 1) { try trip($0, $1) }
    let elements = try LoopElements(node, Array(traced.values.dropFirst(1 + initial.count)), state)
    guard !elements.isEmpty else { return try record(traced, carrying: initial, state) }
    return try results(carrying: initial, elements)
  }

  private func trip(_ count: Tensor, _ state: [Tensor]) throws -> [ImportedValue] {
    var results = try inline(count, state.enumerated().map { lists.wrapped($1, $0) })
    for place in carried.indices { results[1 + place] = try lists.unwrapped(results[1 + place], place) }
    return results
  }

  private func inline(_ count: Tensor, _ state: [ImportedValue]) throws -> [ImportedValue] {
    let results = try graph.inline(body, [ImportedValue(count), UnrolledLoop.yes] + state)
    if results.contains(where: \.isFailed) { throw Diagnostic("poison", "") }
    return results
  }

  private func record(
    _ traced: TracedGraph, carrying initial: [Tensor], _ state: LoopState
  ) throws -> [ImportedValue] {
    let (trips, condition) = (try trips(), try condition(traced, hasTrips: node.hasInput(0)))
    var results = try LoopPlan(graph).record(traced, carrying: initial, state, trips, condition, conditionResults: 1)
    var size: Dimension?
    if case .dimension(let dimension) = trips, !condition.exits { size = dimension }
    for place in carried.indices {
      let growth =
        state.types[place].rank == 0
        ? nil : try (traced.values[1 + place].type().shape[0] - state.types[place].shape[0]).constant
      results[place] = try lists.behind(results[place], place, from: initial[place], growth: growth, trips: size)
    }
    return results
  }

  /// The loop with elements that are carried, of shapes that its trips find.
  private func results(carrying own: [Tensor], _ elements: LoopElements) throws -> [ImportedValue] {
    let initial = try own + elements.initial()
    var state = LoopState(graph, initial.map(\.type))
    let traced = try state.trace(first: 1) { count, state in
      let results = try trip(count, Array(state.prefix(own.count)))
      let collected = Array(results.dropFirst(1 + own.count))
      return try results.prefix(1 + own.count)
        + elements.next(count, state.dropFirst(own.count), collected).map { ImportedValue($0) }
        + collected.indices.filter { !elements.indices.contains($0) }.map { collected[$0] }
    }
    let results = try record(traced, carrying: initial, state)
    let last = try results[own.count..<initial.count].map { try $0.tensor(in: graph.recorder) }
    let stacks = try elements.stacks(last[...])
    var others = results.dropFirst(initial.count)
    let count = others.count + stacks.count
    return results.prefix(own.count) + (0..<count).map { stacks[$0] ?? others.removeFirst() }
  }

  private func trips() throws -> LoopPlan.Trips {
    guard node.hasInput(0) else { return .none }
    if let known = node.symbolic(0), known.elements.count == 1 {
      // So many are as good as no limit.
      return known.elements[0].constant == Int.max ? .none : .dimension(known.elements[0])
    }
    return .tensor(try node.cast(node.reshape(node.tensor(0), []), to: .i64))
  }

  private func condition(_ traced: TracedGraph, hasTrips: Bool) throws -> LoopPlan.Condition {
    // Without a condition at the start only the trip count ends it.
    guard node.hasInput(1) || !hasTrips else { return LoopPlan.Condition(exits: false, first: nil) }
    let first = node.hasInput(1) && node.symbolic(1)?.numbers != [1] ? try node.reshape(node.tensor(1), []) : nil
    let isAlwaysTrue = traced.values[0].symbolic(node.graph.known)?.numbers == [1]
    return LoopPlan.Condition(exits: first != nil || !isAlwaysTrue, first: first)
  }
}

/// How `Loop` and `Scan` become a loop of the function.
struct LoopPlan {
  let graph: GraphImport

  init(_ graph: GraphImport) { self.graph = graph }

  enum Trips {
    case none
    case dimension(Dimension)
    case tensor(Tensor)
  }

  struct Condition {
    /// Whether the body says whether to go on.
    var exits: Bool
    var first: Tensor?
  }

  /// Loops of so many trips have room for all of them beforehand; more make room as they go.
  private static let mostPlanned = 4096

  /// Records the loop.
  /// - Parameter conditionResults: 1 where the body gives whether to go on before the carried values, else 0.
  func record(
    _ traced: TracedGraph, carrying initial: [Tensor], _ carried: LoopState, _ trips: Trips, _ condition: Condition,
    conditionResults: Int
  ) throws -> [ImportedValue] {
    var state = carried
    var (limit, size): (Tensor, Dimension?) = (.absent, nil)
    switch trips {
    case .none: break
    case .dimension(let dimension): size = dimension
    case .tensor(let tensor): limit = tensor
    }
    let planned = size.flatMap { graph.recorder.symbols.bound(of: $0) }
      .flatMap { $0.constant.map { $0 <= LoopPlan.mostPlanned } ?? true ? $0 : nil }
    try state.bound(traced, first: conditionResults, trips: planned.map { .maximum($0, 0) })
    var values = try traced.tensors()
    if conditionResults > 0 {
      let goesOn = values.removeFirst()
      if condition.exits { values.insert(goesOn.reshaped(to: []), at: 0) }
    }
    let captures = traced.recorder.captures
    var op = Loop(carried: initial.count, trips: size, exits: condition.exits)
    let collected = values.dropFirst((condition.exits ? 1 : 0) + initial.count)
    try checkElements(collected.map(\.type), carried: state.sizes.map(\.within.name))
    if !collected.isEmpty, size == nil || condition.exits {
      let length = graph.freshSize("trips", bound: planned.map { .maximum($0, 0) })
      graph.recorder.declare(length)
      op.length = Dimension(symbol: length.name)
    }
    if !state.sizes.isEmpty {
      op.within = state.sizes.map { Dimension(symbol: $0.within.name) }
      op.after = state.sizes.map { Dimension(symbol: $0.after.name) }
    }
    let function = try traced.function(values, parameters: 1 + initial.count, captures: captures)
    var first = condition.first
    if condition.exits, first == nil { first = try graph.recorder.add(Full(1, .bool, []), [])[0] }
    return try graph.recorder.add(
      op, [limit] + (first.map { [$0] } ?? []) + initial + captures, bodies: [function]
    ).map { ImportedValue($0) }
  }

  /// What is collected has one shape in all trips.
  private func checkElements(_ types: [TensorType], carried: [String]) throws {
    for type in types {
      for name in type.shape.flatMap(\.symbols) where graph.recorder.symbols[name] == nil || carried.contains(name) {
        throw OnnxError(
          "onnx-loop-shape",
          "each trip gives an element \(type) of another shape to be stacked, which makes no tensor")
      }
    }
  }
}

extension LoopPlan {
  /// A loop that an operator is written as: for a number of trips, without a condition.
  /// - Parameter body: from the number of a trip and what is carried, the carried values anew and then what is collected.
  /// - Returns: the carried values after the last trip, then what was collected, along a first axis.
  func results(
    of trips: Trips, carrying initial: [Tensor], _ body: (Tensor, [Tensor]) throws -> [Tensor]
  ) throws -> [Tensor] {
    var state = LoopState(graph, initial.map(\.type))
    let traced = try state.trace(first: 0) { trip, carried in try body(trip, carried).map { ImportedValue($0) } }
    return try record(
      traced, carrying: initial, state, trips, Condition(exits: false, first: nil), conditionResults: 0
    ).map { try $0.tensor(in: graph.recorder) }
  }
}

/// Nodes that give other numbers every time they run; a loop of the function would repeat those of the first trip.
enum RandomNodes {
  private static let operators: Set<String> = [
    "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli", "Dropout",
  ]

  static func stand(in graph: Onnx_GraphProto) -> Bool {
    graph.node.contains { node in
      operators.contains(node.opType)
        || node.attribute.contains { ($0.hasG && stand(in: $0.g)) || $0.graphs.contains { stand(in: $0) } }
    }
  }
}
