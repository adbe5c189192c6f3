import TensorIR

/// Puts a barrier before every call that touches memory which another call since the last barrier wrote, or writes what
/// one read. Within such an interval threads may be in different kernels.
enum PlaceBarriers {
  static func run(_ program: LoweredProgram) -> LoweredProgram {
    var result = program
    result.steps = []
    var read: Set<BufferReference> = []
    var written: Set<BufferReference> = []
    for step in program.steps {
      guard case .call(let call) = step else { continue }
      let (reads, writes) = uses(of: call, in: program)
      if !reads.isDisjoint(with: written) || !writes.isDisjoint(with: written) || !writes.isDisjoint(with: read) {
        result.steps.append(.barrier)
        read = []
        written = []
      }
      read.formUnion(reads)
      written.formUnion(writes)
      result.steps.append(step)
    }
    return result
  }

  /// What a call reads and writes; an output that takes over an input's memory counts as that input.
  static func uses(
    of call: KernelCall, in program: LoweredProgram
  ) -> (reads: Set<BufferReference>, writes: Set<BufferReference>) {
    var reads: Set<BufferReference> = []
    var writes: Set<BufferReference> = []
    for (reference, parameter) in zip(call.buffers, program.kernels[call.kernel].buffers) {
      var memory = reference
      if case .output(let index) = reference, let input = program.donations[index] { memory = .input(input) }
      if case .temporary(let index) = reference, program.temporaries[index].perThread { continue }
      if parameter.access != .write { reads.insert(memory) }
      if parameter.access != .read { writes.insert(memory) }
    }
    return (reads, writes)
  }
}
