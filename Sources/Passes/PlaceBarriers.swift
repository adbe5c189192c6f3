import TensorIR

/// Puts a barrier before every call that touches memory which another call since the last barrier wrote, or writes what
/// one read. Within such an interval threads may be in different kernels.
///
/// Control flow stands between barriers: what decides has been stored by then, and threads that leave a branch or a loop
/// meet before they go on. A loop's trips begin with one.
enum PlaceBarriers {
  static func run(_ program: LoweredProgram) -> LoweredProgram {
    var result = program
    result.steps = placed(program.steps, in: program)
    result.stage = .partition
    return result
  }

  private static func placed(_ steps: [Step], in program: LoweredProgram) -> [Step] {
    var result: [Step] = []
    var read: Set<BufferReference> = []
    var written: Set<BufferReference> = []
    func meet() {
      if !(read.isEmpty && written.isEmpty) { result.append(.barrier) }
      (read, written) = ([], [])
    }
    for step in steps {
      switch step {
      case .barrier: break
      case .check, .swap: result.append(step)
      case .define(let definitions):
        let looked = Set(definitions.compactMap(\.stored))
        if !looked.isDisjoint(with: written) { meet() }
        read.formUnion(looked)
        result.append(step)
      case .room(let room):
        if read.union(written).contains(room.memory) { meet() }
        result.append(step)
        // Threads wait for the memory of a temporary.
        if case .temporary = room.memory { (read, written) = ([], []) }
      case .call(let call):
        let (reads, writes) = uses(of: call, in: program)
        if !reads.isDisjoint(with: written) || !writes.isDisjoint(with: written) || !writes.isDisjoint(with: read) {
          meet()
        }
        read.formUnion(reads)
        written.formUnion(writes)
        result.append(step)
      case .collective(let collective):
        let (reads, writes) = uses(of: collective, in: program)
        if !reads.union(writes).isDisjoint(with: written) || !writes.isDisjoint(with: read) { meet() }
        read.formUnion(reads)
        written.formUnion(writes)
        result.append(step)
      case .branch:
        meet()
        result += [step.mapInner { placed($0, in: program) }, .barrier]
      case .loop:
        meet()
        result += [step.mapInner { [.barrier] + placed($0, in: program) }, .barrier]
      }
    }
    return result
  }

  /// What a collective reads and writes, in whichever phase: both sides are in use from its start to its wait.
  static func uses(
    of collective: Step.Collective, in program: LoweredProgram
  ) -> (reads: Set<BufferReference>, writes: Set<BufferReference>) {
    let sent = collective.phase == .wait ? [] : collective.parts.map(\.send)
    return (
      Set(sent.map { program.memory($0) }), Set(collective.parts.map { program.memory($0.receive) })
    )
  }

  /// What a call reads and writes; an output that takes over an input's memory counts as that input.
  static func uses(
    of call: KernelCall, in program: LoweredProgram
  ) -> (reads: Set<BufferReference>, writes: Set<BufferReference>) {
    var reads: Set<BufferReference> = []
    var writes: Set<BufferReference> = []
    for (reference, parameter) in zip(call.buffers, program.kernels[call.kernel].buffers) {
      let memory = program.memory(reference)
      if case .temporary(let index) = reference, program.temporaries[index].perThread { continue }
      if parameter.access != .write { reads.insert(memory) }
      if parameter.access != .read { writes.insert(memory) }
    }
    return (reads, writes)
  }
}
