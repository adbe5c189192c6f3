import TensorIR
import TensorOps

/// The steps of a `loop`. Each carried value has two places, of which a trip reads one and writes the other.
struct LoopLowering {
  private let op: Loop
  private let operation: Operation
  private let region: Region
  private let sink: any ControlSink
  private let kernels: LoopKernels
  private let operands: [BufferReference?]
  private let results: [BufferReference]
  /// Where what is collected goes: the results' memory, or other where that cannot grow.
  private let stacks: [BufferReference]

  private typealias Pair = (now: BufferReference, next: BufferReference)

  init(_ op: Loop, _ operation: Operation, _ sink: any ControlSink) throws {
    self.op = op
    self.operation = operation
    self.sink = sink
    region = operation.regions[0]
    kernels = LoopKernels(sink, operation.location)
    operands = try operation.operands.map { try $0.map { try sink.buffer(of: $0) } }
    results = try operation.results.map { try sink.buffer(of: $0) }
    stacks = zip(results, operation.results).dropFirst(op.carried).map { result, id in
      let bytes = sink.type(of: id).byteCount
      if case .output = result, op.length != nil, sink.symbols.bound(of: bytes) == nil {
        return sink.temporary("collected", bytes: bytes, perThread: false)
      }
      return result
    }
  }

  func run() throws {
    let first = 1 + op.extra
    let condition = op.exits ? try begun("condition", operation.operands[1]) : nil
    sink.define(sizes(from: operation.operands.dropFirst(first).map { $0.map { sink.type(of: $0) } }), at: place)
    let state = try (0..<op.carried).map { index in
      try begun("carried", operation.operands[first + index], as: region.parameters[1 + index])
    }
    if let length { sink.define([(length, .size(0))], at: place) }
    for (index, stack) in stacks.enumerated() where isGrown(index) {
      sink.add(.room(Step.Room(stack, bytes: 0, keeps: true)))
    }
    let symbol = sink.freshSymbol("trip")
    let pairs = (condition.map { [$0] } ?? []) + state
    let body = try sink.steps { try addTrip(Dimension(symbol: symbol), pairs, state) }
    sink.add(.loop(Step.Loop(symbol: symbol, trips: limit, condition: condition?.now, body: body)))
    sink.define(
      zip(op.after ?? [], op.within ?? []).compactMap { after, within in
        after.symbolName.map { ($0, .size(within)) }
      }, at: place)
    for (index, pair) in state.enumerated() {
      let type = sink.type(of: operation.results[index])
      if !op.definedSizes.isEmpty { sink.makeRoom(results[index], bytes: type.byteCount) }
      kernels.copy(pair.now, to: results[index], type)
    }
    for (index, stack) in stacks.enumerated() where stack != results[op.carried + index] {
      let type = sink.type(of: operation.results[op.carried + index])
      sink.makeRoom(results[op.carried + index], bytes: type.byteCount)
      kernels.copy(stack, to: results[op.carried + index], type)
    }
  }

  private var place: Location { operation.location }
  private var length: String? { op.length?.symbolName }

  /// What the changing sizes are, by the types of the carried values.
  private func sizes(from types: [TensorType?]) -> [(symbol: String, value: Step.Definition.Value)] {
    let parameters = region.parameters.dropFirst().prefix(op.carried).map { sink.type(of: $0) }
    return zip(op.regionSizes, op.places(of: op.within ?? [], in: parameters)).compactMap { name, place in
      guard let place, let type = types[place.value] else { return nil }
      return (name, .size(type.shape[place.axis]))
    }
  }

  /// The steps of one trip.
  private func addTrip(_ trip: Dimension, _ pairs: [Pair], _ state: [Pair]) throws {
    var number: BufferReference?
    if region.operations.contains(where: { $0.operands.contains(region.parameters[0]) }) {
      let place = sink.scratch("trip", bytes: 8, perThread: false)
      kernels.set(place, to: trip)
      number = place
    }
    let collected = region.results.dropFirst(pairs.count).map { id in
      (sink.type(of: id), sink.scratch("element", bytes: sink.type(of: id).byteCount, perThread: false))
    }
    // What may grow lies in memory of its own until its size is known to fit.
    let isFixed = state.indices.map { !mayChange(op.extra + $0) }
    let next = pairs.enumerated().map { $0 < op.extra || isFixed[$0 - op.extra] ? $1.next : nil }
    let steps = try sink.steps(
      of: region, parameters: [number] + state.map(\.now) + operands.dropFirst(1 + op.extra + op.carried),
      results: next + collected.map(\.1))
    steps.forEach { sink.add($0) }
    for (index, (type, element)) in collected.enumerated() { try collect(element, type, index, at: trip) }
    let later = region.results.dropFirst(op.extra).prefix(op.carried).map { sink.type(of: $0) }
    let found = sizes(from: later)
    sink.hold(found, at: place)
    for index in state.indices where !isFixed[index] {
      sink.makeRoom(state[index].next, bytes: later[index].byteCount)
      kernels.copy(try sink.buffer(of: region.results[op.extra + index]), to: state[index].next, later[index])
    }
    sink.define(found + (length.map { [($0, .size(trip + 1))] } ?? []), at: place)
    for pair in pairs { sink.add(.swap(pair.now, pair.next)) }
  }

  /// Whether a result of the region may have another size than the parameter.
  private func mayChange(_ result: Int) -> Bool {
    sink.type(of: region.results[result]).shape != sink.type(of: region.parameters[1 + result - op.extra]).shape
  }

  /// Puts an element where it belongs. A stack without a bound grows, and is the result's memory only where that may.
  private func collect(_ element: BufferReference, _ type: TensorType, _ index: Int, at trip: Dimension) throws {
    let stack = stacks[index]
    if isGrown(index) {
      sink.add(.room(Step.Room(stack, bytes: (trip + 1) * type.byteCount, keeps: true)))
    }
    kernels.copy(element, to: stack, type, at: trip)
  }

  /// Whether what is collected has no bound before the run.
  private func isGrown(_ index: Int) -> Bool {
    op.length != nil && sink.symbols.bound(of: sink.type(of: operation.results[op.carried + index]).byteCount) == nil
  }

  private var limit: Step.Loop.Trips? {
    if let trips = op.trips { return .size(trips) }
    return operands[0].map { .stored($0) }
  }

  /// The two places of an operand that is carried, the first of which holds it.
  ///
  /// - Parameter parameter: what it is in the region, where that may have another size.
  private func begun(_ name: String, _ operand: ValueID?, as parameter: ValueID? = nil) throws -> Pair {
    guard let operand else { throw Diagnostic("internal", "a carried value is absent") }
    let type = sink.type(of: parameter ?? operand)
    let made = (
      now: sink.temporary(name, bytes: type.byteCount, perThread: false),
      next: sink.temporary("next_\(name)", bytes: type.byteCount, perThread: false)
    )
    sink.makeRoom(made.now, bytes: type.byteCount)
    sink.makeRoom(made.next, bytes: type.byteCount)
    kernels.copy(try sink.buffer(of: operand), to: made.now, sink.type(of: operand))
    return made
  }
}
