import TensorIR
import TensorOps

/// What a loop carries from trip to trip: types whose extents may change. Where one is another after a trip, it is a size
/// that each trip finds.
struct LoopState {
  private let graph: GraphImport
  /// The types of the values at first.
  private let initial: [TensorType]
  /// The types that a trip takes.
  private(set) var types: [TensorType]
  private(set) var sizes: [Changing] = []

  /// One size that changes.
  struct Changing {
    /// What it is in a trip, and behind the loop.
    var within: Symbol
    var after: Symbol
    var initial: Dimension
  }

  /// More rounds than these find nothing new: each makes sizes of extents, of which there are so many.
  private static let mostRounds = 8

  init(_ graph: GraphImport, _ initial: [TensorType]) {
    self.graph = graph
    self.initial = initial.map(\.plain)
    types = self.initial
  }

  /// Imports what a trip does, until the types that it takes are those that it gives.
  /// - Parameter first: how many of the body's results stand before the carried values.
  mutating func trace(
    first: Int, _ body: (Tensor, [Tensor]) throws -> [ImportedValue]
  ) throws -> TracedGraph {
    for _ in 0..<LoopState.mostRounds {
      for size in sizes { graph.recorder.declare(size.within) }
      let traced = try graph.traced([TensorType(.i64, [])] + types) { parameters in
        try body(parameters[0], Array(parameters.dropFirst()))
      }
      for value in traced.values where !value.isTensor {
        throw OnnxError("onnx-loop", "lists and optional values that change from trip to trip are not supported")
      }
      let later = try traced.values.dropFirst(first).prefix(types.count).map { try $0.type().plain }
      if try !widen(to: later) { return traced }
    }
    throw OnnxError("onnx-loop-shape", "the shapes that it carries change in a way that cannot be followed")
  }

  /// Makes sizes of the extents in which a trip's results differ from what it takes; whether there are any.
  private mutating func widen(to later: [TensorType]) throws -> Bool {
    var changes: [(key: String, value: Int, axis: Int)] = []
    for (value, (own, other)) in zip(types, later).enumerated() {
      guard own.elementType == other.elementType, own.rank == other.rank else {
        throw OnnxError(
          "onnx-loop-shape",
          "carried value \(value) is \(initial[value]) at first and \(other) after a trip; its rank and its element type "
            + "cannot change")
      }
      for axis in 0..<own.rank {
        let (now, next) = (own.shape[axis], other.shape[axis])
        if let known = sizes.first(where: { Dimension(symbol: $0.within.name) == now }) {
          // Axes with one size must go on to have one.
          guard let lead = lead(of: known, in: later), lead != next else { continue }
        } else if now == next {
          continue
        }
        changes.append(("\(initial[value].shape[axis]) \(now) \(next)", value, axis))
      }
    }
    var made: [String: Symbol] = [:]
    for change in changes {
      let first = initial[change.value].shape[change.axis]
      let symbol = made[change.key] ?? graph.freshSize("carried", bound: nil)
      if made[change.key] == nil {
        made[change.key] = symbol
        sizes.append(Changing(within: symbol, after: graph.freshSize("last", bound: nil), initial: first))
      }
      var shape = types[change.value].shape
      shape[change.axis] = Dimension(symbol: symbol.name)
      types[change.value] = types[change.value].with(shape: shape)
    }
    let used = Set(types.flatMap { $0.shape.flatMap(\.symbols) })
    sizes.removeAll { !used.contains($0.within.name) }
    return !changes.isEmpty
  }

  /// What the first axis with a size becomes in a trip.
  private func lead(of size: Changing, in later: [TensorType]) -> Dimension? {
    for (own, other) in zip(types, later) {
      if let axis = own.shape.firstIndex(of: Dimension(symbol: size.within.name)) { return other.shape[axis] }
    }
    return nil
  }

  /// Bounds the sizes by the number of trips, where both are known, and declares them.
  mutating func bound(_ traced: TracedGraph, first: Int, trips: Dimension?) throws {
    let later = try traced.values.dropFirst(first).prefix(types.count).map { try $0.type().plain }
    let inner = traced.recorder.symbols
    for index in sizes.indices {
      guard let next = lead(of: sizes[index], in: later) else { continue }
      let most = bound(of: sizes[index], next, trips, inner)
      sizes[index].within.bound = most
      sizes[index].after.bound = most
    }
    for size in sizes {
      graph.recorder.declare(size.within)
      graph.recorder.declare(size.after)
    }
  }

  private func bound(
    of size: Changing, _ next: Dimension, _ trips: Dimension?, _ inner: SymbolTable
  ) -> Dimension? {
    let own = Dimension(symbol: size.within.name)
    guard let start = graph.recorder.symbols.bound(of: size.initial) else { return nil }
    guard next.symbols.contains(size.within.name) else {
      return inner.bound(of: next).map { Dimension.maximum(start, $0) }
    }
    let growth = next - own
    guard !growth.symbols.contains(size.within.name), let step = inner.bound(of: growth) else { return nil }
    if inner.isAtMost(step, 0) == .yes { return start }
    guard let trips, inner.isAtMost(0, step) == .yes else { return nil }
    return start + trips * step
  }
}
