/// What is checked of the steps at which ranks meet.
extension StepVerifier {
  /// What it sends is there, what it receives is nobody's; from a start to its wait nobody touches either.
  mutating func check(_ collective: Step.Collective) {
    let name = "'\(collective.kind.rawValue)' \(collective.number)"
    for reference in collective.parts.flatMap({ [$0.send, $0.receive] }) {
      guard exists(reference) else { return report("\(name): there is no \(reference)") }
      note(reference)
    }
    checkTypes(collective, name)
    if collective.phase == .wait {
      if started.removeValue(forKey: collective.number) == nil { report("\(name) is waited for and was not started") }
    } else {
      collective.parts.forEach { check($0, name) }
    }
    if collective.phase == .start, started.updateValue(collective, forKey: collective.number) != nil {
      report("\(name) is started twice")
    }
    written.formUnion(collective.parts.map { memory($0.receive) })
    // All threads meet behind it.
    interval = []
  }

  private mutating func check(_ part: Step.Collective.Part, _ name: String) {
    if !isWritten(part.send) { report("\(name): \(part.send) is sent before anything is written there") }
    switch part.receive {
    case .input, .constant: report("\(name): \(part.receive) is written")
    case .temporary(let number) where program.temporaries[number].perThread:
      report("\(name): \(part.receive) is one for each thread")
    case .temporary, .output: break
    }
    guard hasBarriers else { return }
    for other in interval where other.writes.contains(memory(part.send)) {
      report("\(name): \(part.send) is written by call \(other.number), and no barrier stands between")
    }
    for other in interval where other.reads.union(other.writes).contains(memory(part.receive)) {
      report("\(name): \(part.receive) is written while call \(other.number) may use it; a barrier is missing")
    }
  }

  private mutating func checkTypes(_ collective: Step.Collective, _ name: String) {
    let type = collective.elementType
    let isCombined = type == .f32 || type == .f64 || (type.isInteger && type.bitWidth >= 8)
    if type.bitWidth < 8 || (collective.kind.combines && !isCombined) { report("\(name): it does not take \(type)") }
    if collective.kind.combines, collective.reduction == .mean, !type.isFloat {
      report("\(name): there is no mean of \(type)")
    }
  }

  /// What is under way between a start and its wait is left alone.
  mutating func checkStarted(_ reads: Set<BufferReference>, _ writes: Set<BufferReference>, _ name: String) {
    for collective in started.values.sorted(by: { $0.number < $1.number }) {
      let sent = Set(collective.parts.map { memory($0.send) })
      let received = Set(collective.parts.map { memory($0.receive) })
      for reference in reads.union(writes).intersection(received).union(writes.intersection(sent)) {
        report("\(name): \(reference) is in use by '\(collective.kind.rawValue)' \(collective.number)")
      }
    }
  }
}
