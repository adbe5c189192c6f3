/// Runs a whole program on the bytes of its inputs, as a call of the compiled library with so many threads would.
public struct ProgramInterpreter {
  /// What a run gives.
  public struct Outcome {
    /// The bytes of the outputs.
    public var outputs: [[UInt8]]
    /// Intrinsics whose last bits the prelude may compute otherwise; where there are none, C gives the same bits.
    public var approximated: Set<Intrinsic>
    public var badIndices: [(index: Int, extent: Int, op: String)]
  }

  private let program: LoweredProgram
  private let team: Int
  private let series: (any SeriesArithmetic)?
  /// So many statements are enough for what is interpreted; one that takes more does not end.
  public var mostStatements = 200_000_000

  /// - Parameter series: how compiled code computes what no IEEE operation does; in f64 and rounded where there is none.
  public init(_ program: LoweredProgram, team: Int, series: (any SeriesArithmetic)? = nil) {
    (self.program, self.team, self.series) = (program, team, series)
  }

  /// - Parameters:
  ///   - inputs: the bytes of each input, dense.
  ///   - shapes: the shape of each, which gives the symbols their values.
  /// - Throws: a ``LoopFault`` where a kernel does what none may, or where a check of sizes fails.
  public func run(_ inputs: [[UInt8]], shapes: [[Int]]) throws -> Outcome {
    var sizes: [String: Int] = [:]
    for (value, shape) in zip(program.inputs, shapes) {
      for (dimension, size) in zip(value.type.shape, shape) {
        if let name = dimension.symbolName { sizes[name] = size }
      }
    }
    let interpreter = KernelInterpreter(series: series)
    interpreter.mostStatements = mostStatements
    let run = try ProgramRun(program, interpreter, team: team, inputs, sizes)
    for check in program.guards { try run.check(check) }
    try run.walk(program.steps)
    return Outcome(
      outputs: try run.results(), approximated: run.interpreter.approximated,
      badIndices: run.interpreter.badIndices)
  }
}

/// One run: what lies in memory, and how far it has come.
final class ProgramRun {
  let interpreter: KernelInterpreter
  /// Those whose sizes only the run tells are made when it does.
  private(set) var outputs: [LoopMemory]
  private let program: LoweredProgram
  private let team: Int
  private let use: LoopMemory.Use
  private var sizes: [String: Int]
  private let inputs: [LoopMemory]
  private let constants: [LoopMemory]
  /// For each temporary its memory, of one or of each thread. Those that share a slot share memory.
  private var temporaries: [[LoopMemory]] = []

  init(
    _ program: LoweredProgram, _ interpreter: KernelInterpreter, team: Int, _ inputs: [[UInt8]],
    _ sizes: [String: Int]
  ) throws {
    (self.program, self.interpreter, self.team, self.sizes) = (program, interpreter, team, sizes)
    let use: LoopMemory.Use = team == 1 ? .oneThread : .threads
    self.use = use
    let arguments = inputs.map { LoopMemory($0, use) }
    self.inputs = arguments
    outputs = try program.outputs.enumerated().map { index, value in
      let most = program.symbols.bound(of: value.type)?.byteCount ?? 0
      guard let bytes = most.evaluate({ sizes[$0] }) else {
        throw LoopFault("the size of output \(index) is not known")
      }
      return program.donations[index].map { arguments[$0] } ?? LoopMemory(count: bytes, use)
    }
    constants = program.constants.map { LoopMemory(Array($0.bytes), .constant) }
    guard program.stage == .plan else {
      temporaries = program.temporaries.map { memories([$0.bytes], $0.perThread) }
      return
    }
    let slots = zip(program.plan.slotSizes, program.plan.perThread).map { memories($0, $1) }
    // What is never used has no slot.
    temporaries = program.plan.slots.map { slots.indices.contains($0) ? slots[$0] : [LoopMemory(count: 0, use)] }
    for number in program.temporaries.indices where program.isGrown(number) {
      temporaries[number] = (0..<(program.temporaries[number].perThread ? team : 1)).map { _ in
        LoopMemory(count: 0, use)
      }
    }
  }

  /// As large as the largest of the sizes; those that make no sense belong to a branch that is not taken.
  private func memories(_ bytes: [Dimension], _ perThread: Bool) -> [LoopMemory] {
    let most = bytes.compactMap { program.symbols.bound(of: $0) }
    let size = most.compactMap { $0.evaluate { sizes[$0] } }.max() ?? 0
    return (0..<(perThread ? team : 1)).map { _ in LoopMemory(count: max(size, 0), use) }
  }

  func check(_ check: InferenceContext.Guard) throws {
    if check.condition.holds({ sizes[$0] }) == false { throw LoopFault(check.text { sizes[$0] }) }
  }

  func number(_ dimension: Dimension) throws -> Int {
    guard let value = dimension.evaluate({ sizes[$0] }) else { throw LoopFault("the size \(dimension) is not known") }
    return value
  }

  func memory(_ reference: BufferReference, thread: Int) -> LoopMemory {
    switch reference {
    case .input(let number): inputs[number]
    case .output(let number): outputs[number]
    case .constant(let number): constants[number]
    case .temporary(let number): temporaries[number][min(thread, temporaries[number].count - 1)]
    }
  }

  /// A number that steps look at, once all threads are there.
  private func value(_ reference: BufferReference, _ element: ElementType) throws -> Int {
    let memory = memory(reference, thread: 0)
    guard memory.count(of: element) > 0,
      let bits = memory.load(0, element, thread: -1, interval: interpreter.interval)
    else { throw LoopFault("a step looks at \(reference) while a kernel writes there") }
    return Int(Int64(bitPattern: bits))
  }

  func walk(_ steps: [Step]) throws {
    for step in steps {
      switch step {
      case .barrier: interpreter.interval += 1
      case .check(let check): try self.check(check)
      case .swap(.temporary(let a), .temporary(let b)): temporaries.swapAt(a, b)
      case .swap(let a, let b): throw LoopFault("\(a) and \(b) cannot change places")
      case .branch(let branch):
        try walk(try value(branch.condition, .bool) != 0 ? branch.then : branch.otherwise)
      case .loop(let loop): try run(loop)
      case .define(let definitions): try define(definitions)
      case .room(let room): try make(room)
      case .collective(let collective): try run(collective)
      case .call(let call):
        let memories = (0..<team).map { thread in call.buffers.map { memory($0, thread: thread) } }
        try interpreter.run(program.kernels[call.kernel], memories, scalars: try call.scalars.map(number))
      }
    }
  }

  /// The bytes of the outputs, as many as their sizes came out to.
  func results() throws -> [[UInt8]] {
    try zip(program.outputs, outputs).map { value, memory in
      program.symbols.holdsComputed(value.type.byteCount)
        ? Array(memory.bytes.prefix(try number(value.type.byteCount))) : memory.bytes
    }
  }

  private func define(_ definitions: [Step.Definition]) throws {
    let values = try definitions.map { definition in
      switch definition.value {
      case .size(let size): try number(size)
      case .stored(let place): try value(place, .i64)
      }
    }
    for (definition, value) in zip(definitions, values) { sizes[definition.symbol] = value }
  }

  private func make(_ room: Step.Room) throws {
    let bytes = max(try number(room.bytes), 0)
    switch room.memory {
    case .output(let number): outputs[number] = LoopMemory(count: bytes, use)
    case .temporary(let number):
      temporaries[number] = temporaries[number].map { old in
        room.keeps
          ? LoopMemory(
            Array(old.bytes.prefix(bytes)) + [UInt8](repeating: 0, count: max(bytes - old.bytes.count, 0)), use)
          : LoopMemory(count: bytes, use)
      }
    case .input, .constant: throw LoopFault("\(room.memory) cannot be made larger")
    }
    interpreter.interval += 1
  }

  private func run(_ loop: Step.Loop) throws {
    let trips: Int? =
      switch loop.trips {
      case nil: nil
      case .size(let count): try number(count)
      case .stored(let reference): try value(reference, .i64)
      }
    var trip = 0
    while trips.map({ trip < $0 }) ?? true {
      sizes[loop.symbol] = trip
      // The first step is the barrier after which the condition is there.
      var body = loop.body[...]
      if case .barrier? = body.first { try walk([body.removeFirst()]) }
      if let condition = loop.condition, try value(condition, .bool) == 0 { break }
      try walk(Array(body))
      trip += 1
    }
  }
}
