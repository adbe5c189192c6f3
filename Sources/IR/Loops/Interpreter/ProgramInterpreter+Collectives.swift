extension ProgramRun {
  /// Of ranks the interpreter is the only one, which receives what it sends.
  func run(_ collective: Step.Collective) throws {
    if let ranks = collective.ranks, try number(ranks) != 1 {
      throw LoopFault("'\(collective.kind.rawValue)' is for \(try number(ranks)) ranks, and there is one")
    }
    interpreter.interval += 1
    guard collective.phase != .wait else { return }
    for part in collective.parts {
      let bytes = try number(part.count) * collective.elementType.bitWidth / 8
      let (from, to) = (memory(part.send, thread: 0), memory(part.receive, thread: 0))
      guard bytes <= from.bytes.count, bytes <= to.bytes.count else {
        throw LoopFault("'\(collective.kind.rawValue)' goes beyond the end of \(part.send) or \(part.receive)")
      }
      to.replace(with: from.bytes.prefix(bytes))
    }
  }
}
