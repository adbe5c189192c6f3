import TensorIR

/// Lets temporaries share memory. Two may when no interval between barriers uses both; sizes may be symbolic, so memory is
/// divided into slots, each as large as the largest temporary in it.
enum PlanMemory {
  static func run(_ program: LoweredProgram) -> LoweredProgram {
    var result = program
    let lives = Lifetimes(program).lives
    var plan = MemoryPlan()
    plan.slots = Array(repeating: -1, count: program.temporaries.count)
    let isStructured = program.isStructured
    /// The last interval in which a slot is in use.
    var busyUntil: [Int] = []
    // What has no bound before the run is asked of the caller's allocator.
    let order = program.temporaries.indices.filter { lives[$0] != nil && !program.isGrown($0) }
      .sorted { (lives[$0]?.lowerBound ?? 0, $0) < (lives[$1]?.lowerBound ?? 0, $1) }
    for index in order {
      guard let life = lives[index] else { continue }
      var temporary = program.temporaries[index]
      temporary.bytes = program.symbols.bound(of: temporary.bytes) ?? temporary.bytes
      let free = busyUntil.indices.filter {
        busyUntil[$0] < life.lowerBound && plan.perThread[$0] == temporary.perThread
      }
      let slot: Int
      if let best = free.min(by: {
        waste(plan.slotSizes[$0], temporary, program) < waste(plan.slotSizes[$1], temporary, program)
      }) {
        slot = best
      } else {
        slot = busyUntil.count
        busyUntil.append(-1)
        plan.slotSizes.append([])
        plan.perThread.append(temporary.perThread)
      }
      busyUntil[slot] = life.upperBound
      plan.slots[index] = slot
      if !plan.slotSizes[slot].contains(temporary.bytes) { plan.slotSizes[slot].append(temporary.bytes) }
      // What is only computed on a branch not taken may have sizes that make no sense.
      if isStructured, (program.symbols.range(of: temporary.bytes).lower ?? -1) < 0 { plan.slotSizes[slot].append(0) }
    }
    plan.slotSizes = plan.slotSizes.map { pruned($0, program.symbols) }
    result.plan = plan
    result.stage = .plan
    return result
  }

  /// How badly a temporary fits a slot: the difference of sizes, symbols taken at a middling value.
  private static func waste(_ sizes: [Dimension], _ temporary: Temporary, _ program: LoweredProgram) -> Int {
    func estimate(_ dimension: Dimension) -> Int {
      dimension.evaluate { name in
        let symbol = program.symbols[name]
        return min(max(symbol?.minimum ?? 0, 8), symbol?.maximum ?? 8)
      } ?? Int.max / 4
    }
    let size = estimate(temporary.bytes)
    return Int(min(((sizes.map(estimate).max() ?? 0) &- size).magnitude, UInt(Int.max)))
  }

  /// Without the sizes that another one always covers.
  private static func pruned(_ sizes: [Dimension], _ symbols: SymbolTable) -> [Dimension] {
    var kept: [Dimension] = []
    for size in sizes {
      if kept.contains(where: { symbols.isAtMost(size, $0) == .yes }) { continue }
      kept.removeAll { symbols.isAtMost($0, size) == .yes }
      kept.append(size)
    }
    return kept
  }
}
