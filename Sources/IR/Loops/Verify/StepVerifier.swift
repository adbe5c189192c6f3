/// Checks the steps of a program: every call fits its kernel; memory is written before it is read; between barriers no
/// call touches what another writes; temporaries that share a slot are not in use at the same time.
///
/// The last two hold once barriers stand and memory is planned, so they are asked only of programs in which they are.
struct StepVerifier {
  let program: LoweredProgram
  private(set) var mistakes: [String] = []
  /// What has been written so far, arguments and constants among it.
  var written: Set<BufferReference> = []
  /// The calls since the last barrier.
  var interval: [Use] = []
  private var lives: [Int: ClosedRange<Int>] = [:]
  private var intervalCount = 0
  private var callCount = 0
  /// The collectives that were started and not waited for yet, by their numbers.
  var started: [Int: Step.Collective] = [:]
  let hasBarriers: Bool

  /// What a call touches.
  struct Use: Hashable {
    var number: Int
    var reads: Set<BufferReference>
    var writes: Set<BufferReference>
  }

  init(_ program: LoweredProgram) {
    self.program = program
    hasBarriers = program.stage != .lower
  }

  mutating func run() {
    walk(program.steps)
    for number in started.keys.sorted() { report("collective \(number) is started and never waited for") }
    for number in program.outputs.indices where !isWritten(.output(number)) && !isEmpty(program.outputs[number]) {
      report("output \(number) is never written")
    }
    if program.stage == .plan { checkPlan() }
  }

  private func isEmpty(_ value: Value) -> Bool { value.type.count == 0 }

  /// The memory that a reference stands for: an output that takes over an input's memory is that input's.
  func memory(_ reference: BufferReference) -> BufferReference { program.memory(reference) }

  func isWritten(_ reference: BufferReference) -> Bool {
    switch memory(reference) {
    case .input, .constant: true
    case let other: written.contains(other)
    }
  }

  // MARK: Structure

  mutating func report(_ message: String) { if !mistakes.contains(message) { mistakes.append(message) } }

  private mutating func walk(_ steps: [Step]) {
    for step in steps {
      switch step {
      case .barrier:
        interval = []
        intervalCount += 1
      case .call(let call):
        check(call)
        callCount += 1
      case .check: break
      case .swap(let a, let b): exchange(a, b)
      case .branch(let branch): walk(branch)
      case .loop(let loop): walk(loop)
      case .define(let definitions): definitions.forEach { look(at: $0) }
      case .room(let room): make(room)
      case .collective(let collective): check(collective)
      }
    }
  }

  private mutating func look(at definition: Step.Definition) {
    if program.symbols[definition.symbol]?.isComputed != true {
      report("a step defines '\(definition.symbol)', which is not declared as computed")
    }
    if let stored = definition.stored { look(at: stored) }
  }

  /// Memory that is made anew, or moved, is nobody's in the meantime.
  private mutating func make(_ room: Step.Room) {
    guard exists(room.memory) else { return report("a step makes room for \(room.memory), which is not there") }
    if case .temporary(let number) = room.memory, !program.isGrown(number) {
      report("a step makes room for temporary \(number), which is in the workspace")
    }
    guard hasBarriers else { return }
    for other in interval where other.reads.union(other.writes).contains(memory(room.memory)) {
      report("a step makes room for \(room.memory), which call \(other.number) may still use")
    }
    // Threads wait for the memory.
    guard case .temporary = room.memory else { return }
    interval = []
    intervalCount += 1
  }

  /// A step's own read of memory, which other threads must have finished writing.
  private mutating func look(at reference: BufferReference) {
    guard exists(reference) else { return report("a step looks at \(reference), which is not there") }
    if !isWritten(reference) { report("a step looks at \(reference) before anything is written there") }
    note(reference)
    guard hasBarriers else { return }
    for other in interval where other.writes.contains(memory(reference)) {
      report("a step looks at \(reference), which call \(other.number) writes, and no barrier stands between")
    }
  }

  /// Each thread has places of its own for memory, so an exchange waits for nobody: what was written to one is the other's now.
  private mutating func exchange(_ a: BufferReference, _ b: BufferReference) {
    for reference in [a, b] {
      guard exists(reference) else { return report("a step exchanges \(reference), which is not there") }
      note(reference)
    }
    func exchanged(_ set: Set<BufferReference>) -> Set<BufferReference> {
      Set(set.map { $0 == a ? b : $0 == b ? a : $0 })
    }
    interval = interval.map { Use(number: $0.number, reads: exchanged($0.reads), writes: exchanged($0.writes)) }
    written = exchanged(written)
  }

  /// What holds after a branch is what either list may have left.
  private mutating func walk(_ branch: Step.Branch) {
    look(at: branch.condition)
    let (before, known) = (interval, written)
    walk(branch.then)
    let (first, writtenFirst) = (interval, written)
    (interval, written) = (before, known)
    intervalCount += 1
    walk(branch.otherwise)
    // What came before the branch stands in both.
    let common = Set(interval)
    interval += first.filter { !common.contains($0) }
    written.formUnion(writtenFirst)
  }

  /// Twice, for what one trip leaves meets what the next one does.
  private mutating func walk(_ loop: Step.Loop) {
    if let stored = loop.stored { look(at: stored) }
    let (start, calls) = (intervalCount, callCount)
    // A trip begins with a barrier, after which every thread reads whether to go on.
    let head = hasBarriers ? 1 : 0
    for _ in 0..<2 {
      (intervalCount, callCount) = (start, calls)
      walk(Array(loop.body.prefix(head)))
      if let condition = loop.condition { look(at: condition) }
      walk(Array(loop.body.dropFirst(head)))
    }
    // What lies in memory from one trip to the next is in use in all of them.
    let inside = Set(loop.body.flattened.flatMap(\.references))
    for number in program.temporaries.indices where inside.contains(.temporary(number)) && lives[number] != nil {
      guard let life = lives[number], life.lowerBound < start || isCarried(number, loop) else { continue }
      lives[number] = min(life.lowerBound, start)...intervalCount
    }
  }

  /// Whether the first step of a trip that names a temporary reads it, or exchanges it.
  private func isCarried(_ number: Int, _ loop: Step.Loop) -> Bool {
    for step in loop.body.flattened where step.references.contains(.temporary(number)) {
      guard case .call(let call) = step, program.kernels.indices.contains(call.kernel) else { return true }
      return zip(call.buffers, program.kernels[call.kernel].buffers).contains {
        $0 == .temporary(number) && $1.access == .read
      }
    }
    return false
  }

  // MARK: Calls

  private func name(_ call: KernelCall) -> String {
    let kernel = program.kernels.indices.contains(call.kernel) ? program.kernels[call.kernel].name : "\(call.kernel)"
    return "call \(callCount) of '\(kernel)'" + (call.location == .unknown ? "" : " \(call.location)")
  }

  func exists(_ reference: BufferReference) -> Bool {
    switch reference {
    case .input(let number): program.inputs.indices.contains(number)
    case .output(let number): program.outputs.indices.contains(number)
    case .constant(let number): program.constants.indices.contains(number)
    case .temporary(let number): program.temporaries.indices.contains(number)
    }
  }

  private mutating func check(_ call: KernelCall) {
    guard program.kernels.indices.contains(call.kernel) else {
      return report("\(name(call)): there is no such kernel")
    }
    let kernel = program.kernels[call.kernel]
    guard call.buffers.count == kernel.buffers.count, call.scalars.count == kernel.scalars.count else {
      return report(
        "\(name(call)): it takes \(kernel.buffers.count) buffers and \(kernel.scalars.count) numbers, not "
          + "\(call.buffers.count) and \(call.scalars.count)")
    }
    var reads: Set<BufferReference> = []
    var writes: Set<BufferReference> = []
    for (reference, parameter) in zip(call.buffers, kernel.buffers) {
      guard exists(reference) else {
        report("\(name(call)): there is no \(reference)")
        continue
      }
      check(reference, parameter, call)
      note(reference)
      if case .temporary(let number) = reference, program.temporaries[number].perThread { continue }
      if parameter.access != .write { reads.insert(memory(reference)) }
      if parameter.access != .read { writes.insert(memory(reference)) }
    }
    if hasBarriers { checkRaces(call, reads, writes) }
    if !started.isEmpty { checkStarted(reads, writes, name(call)) }
    interval.append(Use(number: callCount, reads: reads, writes: writes))
  }

  private mutating func check(_ reference: BufferReference, _ parameter: Kernel.Parameter, _ call: KernelCall) {
    switch (reference, parameter.access) {
    case (.input(let number), .write), (.input(let number), .update):
      report("\(name(call)): input \(number) is written as '\(parameter.buffer.name)'")
    case (.constant(let number), .write), (.constant(let number), .update):
      report("\(name(call)): constant \(number) is written as '\(parameter.buffer.name)'")
    case (_, .read) where !isWritten(reference):
      report("\(name(call)): \(reference) is read as '\(parameter.buffer.name)' before anything is written there")
    default: if parameter.access != .read { written.insert(memory(reference)) }
    }
  }

  mutating func note(_ reference: BufferReference) {
    guard case .temporary(let number) = reference else { return }
    lives[number] = min(lives[number]?.lowerBound ?? intervalCount, intervalCount)...intervalCount
  }

  private mutating func checkRaces(
    _ call: KernelCall, _ reads: Set<BufferReference>, _ writes: Set<BufferReference>
  ) {
    for other in interval {
      for reference in reads.union(writes) where other.writes.contains(reference) {
        report("\(name(call)): \(reference) is written by call \(other.number), and no barrier stands between")
      }
      for reference in writes.subtracting(other.writes) where other.reads.contains(reference) {
        report(
          "\(name(call)): \(reference) is written while call \(other.number) may still read it; a barrier is missing")
      }
    }
  }

  // MARK: Memory

  private mutating func checkPlan() {
    let plan = program.plan
    guard plan.slots.count == program.temporaries.count, plan.perThread.count == plan.slotSizes.count else {
      return report("the memory plan is for \(plan.slots.count) temporaries, not \(program.temporaries.count)")
    }
    for (number, life) in lives.sorted(by: { $0.key < $1.key }) where !program.isGrown(number) {
      let (slot, temporary) = (plan.slots[number], program.temporaries[number])
      guard plan.slotSizes.indices.contains(slot) else {
        report("temporary \(number) is used and has no memory")
        continue
      }
      if plan.perThread[slot] != temporary.perThread {
        report("temporary \(number) is one for \(temporary.perThread ? "each thread" : "all") and slot \(slot) is not")
      }
      let bytes = temporary.bytes
      if !plan.slotSizes[slot].contains(where: { $0 == bytes || program.symbols.isAtMost(bytes, $0) == .yes }) {
        report("slot \(slot) need not have room for temporary \(number), which takes \(bytes) bytes")
      }
      for (other, otherLife) in lives.sorted(by: { $0.key < $1.key }) where other > number && plan.slots[other] == slot
      {
        if life.overlaps(otherLife) {
          report("temporaries \(number) and \(other) lie in slot \(slot) and are in use at the same time")
        }
      }
    }
  }
}
