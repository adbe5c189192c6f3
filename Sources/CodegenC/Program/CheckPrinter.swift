import TensorIR

/// Prints what a run does about zones when a program is compiled with `--checks`: see ``CallSupport/zones``.
struct CheckPrinter {
  let program: LoweredProgram
  let slots: [WorkspaceSlot]

  /// Before the kernels.
  func begin() -> String {
    "  tc_spoil_outputs(call);\n" + places().map { "  tc_zone_begin(\($0.arguments));\n" }.joined()
  }

  /// After them. All zones are opened again, also those after one that is broken.
  func end() -> String {
    let tests = places().map { place in
      "  if (tc_zone_end(\(place.arguments))) broken = \(CLiteral.string(place.values));\n"
    }
    if tests.isEmpty { return "" }
    return "  const char *broken = NULL;\n" + tests.joined()
      + "  if (broken) return tc_broken_zone(error, broken);\n"
  }

  /// The temporaries whose memory holds nothing yet, or old values that nobody needs any more, by the step before which
  /// that is known: the first after a barrier. One that takes over memory from a value used in the same interval is not
  /// among them.
  static func beginnings(in program: LoweredProgram) -> [Int: [Int]] {
    // What a branch or a loop uses begins in its midst.
    if program.isStructured { return [:] }
    var result: [Int: [Int]] = [:]
    var known: Set<Int> = []
    for interval in intervals(of: program.steps) {
      var used: [Int] = []
      for position in interval {
        guard case .call(let call) = program.steps[position] else { continue }
        for case .temporary(let number) in call.buffers where !used.contains(number) { used.append(number) }
      }
      let slots = used.map { program.plan.slots[$0] }
      let new = used.filter { number in
        !known.contains(number) && slots.filter { $0 == program.plan.slots[number] }.count == 1
      }
      known.formUnion(used)
      if !new.isEmpty { result[interval.lowerBound] = new }
    }
    return result
  }

  /// The stretches of steps between barriers.
  private static func intervals(of steps: [Step]) -> [Range<Int>] {
    var intervals: [Range<Int>] = []
    var start = 0
    for (position, step) in steps.enumerated() {
      guard case .barrier = step else { continue }
      if start < position { intervals.append(start..<position) }
      start = position + 1
    }
    return start < steps.count ? intervals + [start..<steps.count] : intervals
  }

  /// The zone before the first slot, then every slot: arguments, and the values that lie there.
  private func places() -> [(arguments: String, values: String)] {
    if slots.isEmpty { return [] }
    var all = [(arguments: "context.workspace, 0, 1", values: "the first temporary")]
    for (number, slot) in slots.enumerated() {
      guard let used = slot.used else { continue }
      let shares = slot.stride == nil ? "1" : "threads"
      all.append(("context.workspace + s->\(slot.offset), s->\(used), \(shares)", values(in: number)))
    }
    return all
  }

  private func values(in slot: Int) -> String {
    let names = program.temporaries.indices.filter { program.plan.slots[$0] == slot }.map { number in
      program.temporaries[number].name.isEmpty ? "temporary_\(number)" : program.temporaries[number].name
    }
    let shown = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? "\(shown), … (\(names.count))" : shown
  }
}

/// The members of the struct of sizes for one slot of the workspace.
struct WorkspaceSlot {
  /// Where it begins.
  var offset: String
  /// How far apart the threads' shares are, where every thread has its own.
  var stride: String?
  /// The bytes of the largest value in it; only with `--checks`.
  var used: String?
}
