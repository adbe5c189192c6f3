import TensorIR

/// Turns: what stands between two barriers, in parts that whoever is there takes (see the prelude). A thread that comes late
/// goes through the steps behind the others, so steps whose way depends on memory stand between barriers, at which all
/// threads meet; so do kernels with barriers inside.
extension BodyPrinter {
  /// The calls since the last barrier.
  struct Turn {
    var calls: [KernelCall] = []
    /// Whether the steps before it were not taken in turns: threads may still be at them.
    var followsMeeting = false
    /// Whether any turn was printed.
    var isUsed = false
  }

  /// Prints a step of the program's own, or of a loop that goes by sizes alone.
  mutating func take(_ step: Step) {
    switch step {
    case .call(let call): turn.calls.append(call)
    case .barrier:
      endTurn()
      meet()
    case .check, .swap:
      endTurn()
      print(step)
    case .define(let definitions):
      endTurn()
      print(step)
      if definitions.contains(where: { $0.stored != nil }) { turn.followsMeeting = true }
    case .loop(let loop) where goesBySizes(loop):
      endTurn()
      meet()
      print(loop, inTurns: true)
    case .collective(let collective):
      endTurn()
      meet()
      print(collective)
    case .branch, .loop, .room:
      endTurn()
      print(step)
      turn.followsMeeting = true
    }
  }

  /// Prints the calls that are gathered.
  mutating func endTurn() {
    let calls = turn.calls
    guard !calls.isEmpty else { return }
    turn.calls = []
    meet()
    if calls.contains(where: hasBarrier) {
      calls.forEach { print($0) }
      turn.followsMeeting = true
      return
    }
    turn.isUsed = true
    let next = "part = tc_next(&c->team, turn, thread, team)"
    block("for (int part = tc_begin(&c->team, ++turn, thread, team); part >= 0; \(next)) {") { printer in
      printer.worker = "part"
      calls.forEach { printer.print($0) }
      printer.worker = "thread"
    }
    add("}")
  }

  /// Waits for threads that are not behind a turn.
  mutating func meet() {
    if turn.followsMeeting { add("tc_barrier(&c->team, team);") }
    turn.followsMeeting = false
  }

  private func hasBarrier(_ call: KernelCall) -> Bool { KernelPrinter.hasBarrier(program.kernels[call.kernel].body) }

  /// Whether all its trips are taken in turns: nothing in it depends on memory, and no kernel has barriers of its own.
  private func goesBySizes(_ loop: Step.Loop) -> Bool {
    guard loop.condition == nil, case .size? = loop.trips else { return false }
    return loop.body.allSatisfy { step in
      switch step {
      case .call(let call): !hasBarrier(call)
      case .barrier, .check, .swap: true
      case .define(let definitions): definitions.allSatisfy { $0.stored == nil }
      case .loop(let inner): goesBySizes(inner)
      case .branch, .room, .collective: false
      }
    }
  }
}
