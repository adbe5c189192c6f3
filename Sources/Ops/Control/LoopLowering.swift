import TensorIR

/// The steps of a `loop`. Each carried value has two places, of which a trip reads one and writes the other.
struct LoopLowering {
  private let op: Loop
  private let operation: Operation
  private let region: Region
  private let sink: any ControlSink
  private let kernels: LoopKernels
  private let operands: [BufferReference?]
  private let results: [BufferReference]

  private typealias Pair = (now: BufferReference, next: BufferReference)

  init(_ op: Loop, _ operation: Operation, _ sink: any ControlSink) throws {
    self.op = op
    self.operation = operation
    self.sink = sink
    region = operation.regions[0]
    kernels = LoopKernels(sink, operation.location)
    operands = try operation.operands.map { try $0.map { try sink.buffer(of: $0) } }
    results = try operation.results.map { try sink.buffer(of: $0) }
  }

  func run() throws {
    let first = 1 + op.extra
    let condition = op.exits ? try begun("condition", 1) : nil
    let state = try (0..<op.carried).map { try begun("carried", first + $0) }
    let symbol = sink.freshSymbol("trip")
    let pairs = (condition.map { [$0] } ?? []) + state
    let body = try sink.steps { try addTrip(Dimension(symbol: symbol), pairs, state) }
    sink.add(.loop(Step.Loop(symbol: symbol, trips: limit, condition: condition?.now, body: body)))
    for (index, pair) in state.enumerated() {
      kernels.copy(pair.now, to: results[index], sink.type(of: operation.results[index]))
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
    let steps = try sink.steps(
      of: region, parameters: [number] + state.map(\.now) + operands.dropFirst(1 + op.extra + op.carried),
      results: pairs.map(\.next) + collected.map(\.1))
    steps.forEach { sink.add($0) }
    for (index, (type, element)) in collected.enumerated() {
      kernels.copy(element, to: results[op.carried + index], type, at: trip)
    }
    for pair in pairs { sink.add(.swap(pair.now, pair.next)) }
  }

  private var limit: Step.Loop.Trips? {
    if let trips = op.trips { return .size(trips) }
    return operands[0].map { .stored($0) }
  }

  /// The two places of an operand that is carried, the first of which holds it.
  private func begun(_ name: String, _ place: Int) throws -> Pair {
    guard let id = operation.operands[place], let first = operands[place] else {
      throw Diagnostic("internal", "a carried value is absent")
    }
    let made = pair(name, sink.type(of: id))
    kernels.copy(first, to: made.now, sink.type(of: id))
    return made
  }

  private func pair(_ name: String, _ type: TensorType) -> Pair {
    (
      sink.scratch(name, bytes: type.byteCount, perThread: false),
      sink.scratch("next_\(name)", bytes: type.byteCount, perThread: false)
    )
  }
}
