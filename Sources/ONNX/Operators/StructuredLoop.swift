import TensorIR
import TensorOps

/// `Loop` as a loop of the function: for a number of trips that is a dimension or is computed, and for conditions on data.
/// What is carried keeps its type.
struct StructuredLoop {
  private let node: NodeConversion
  private let body: Onnx_GraphProto

  init(_ node: NodeConversion) throws {
    self.node = node
    body = try node.subgraph("body")
  }

  func results() throws -> [ImportedValue] {
    let graph = node.graph
    let initial = try node.inputs.indices.dropFirst(2).map { try node.tensor($0) }
    let plan = LoopPlan(graph)
    let trips = try self.trips()
    let traced = try plan.trace(carrying: initial) { count, state in
      try graph.inline(body, [ImportedValue(count), UnrolledLoop.yes] + state.map { ImportedValue($0) })
    }
    let condition = try condition(traced, hasTrips: node.hasInput(0))
    return try plan.record(
      traced, carrying: initial, trips, condition, conditionResults: 1,
      names: body.output.dropFirst(1 + initial.count).map(\.name))
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

  /// Imports what a trip does, from its number and the carried values.
  func trace(
    carrying initial: [Tensor], _ body: (Tensor, [Tensor]) throws -> [ImportedValue]
  ) throws -> TracedGraph {
    try graph.traced([TensorType(.i64, [])] + initial.map(\.type.plain)) { parameters in
      try body(parameters[0], Array(parameters.dropFirst()))
    }
  }

  /// Records the loop.
  /// - Parameter conditionResults: 1 where the body gives whether to go on before the carried values, else 0.
  func record(
    _ traced: TracedGraph, carrying initial: [Tensor], _ trips: Trips, _ condition: Condition, conditionResults: Int,
    names: [String]
  ) throws -> [ImportedValue] {
    for value in traced.values where !value.isTensor {
      throw OnnxError("onnx-loop", "lists and optional values that change from trip to trip are not supported")
    }
    var values = try traced.tensors()
    if conditionResults > 0 {
      let goesOn = values.removeFirst()
      if condition.exits { values.insert(goesOn.reshaped(to: []), at: 0) }
    }
    let extra = condition.exits ? 1 : 0
    for (index, (first, later)) in zip(initial, values.dropFirst(extra)).enumerated()
    where first.type.plain != later.type.plain {
      throw OnnxError(
        "onnx-loop-shape",
        "carried value \(index) is \(first.type) at first and \(later.type) after a trip; a shape that changes while the "
          + "model runs is not supported")
    }
    var (limit, size): (Tensor, Dimension?) = (.absent, nil)
    switch trips {
    case .none: break
    case .dimension(let dimension): size = dimension
    case .tensor(let tensor): limit = tensor
    }
    if values.count > extra + initial.count, size == nil || condition.exits {
      throw OnnxError(
        "onnx-loop-length",
        "how many elements '\(names.first ?? "")' has is known only when it has run, for "
          + (condition.exits ? "it ends by a condition on data" : "its number of trips is computed from data")
          + "; that is not supported")
    }
    let captures = traced.recorder.captures
    let function = try traced.function(values, parameters: 1 + initial.count, captures: captures)
    let op = Loop(carried: initial.count, trips: size, exits: condition.exits)
    var first = condition.first
    if condition.exits, first == nil { first = try graph.recorder.add(Full(1, .bool, []), [])[0] }
    return try graph.recorder.add(
      op, [limit] + (first.map { [$0] } ?? []) + initial + captures, bodies: [function]
    ).map { ImportedValue($0) }
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
