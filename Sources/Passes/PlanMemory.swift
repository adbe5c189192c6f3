import TensorIR

/// Lets temporaries share memory. Two may when no interval between barriers uses both; sizes may be symbolic, so memory is
/// divided into slots, each as large as the largest temporary in it.
enum PlanMemory {
  /// - Parameter sizes: of the symbols, where they are known.
  static func run(_ program: LoweredProgram, at sizes: [String: Int] = [:]) -> LoweredProgram {
    var result = program
    result.stage = .plan
    let planner = MemoryPlanner(program, sizes)
    // In the order of need neighbours share memory that is still in the cache; the largest first takes less where sizes differ much.
    let (near, small) = (planner.plan(planner.byBeginning), planner.plan(planner.bySize))
    result.plan = planner.estimate(small) < planner.estimate(near) ? small : near
    return result
  }
}

/// Puts temporaries into slots, one after the other, each into the slot that wastes the least.
private struct MemoryPlanner {
  private let program: LoweredProgram
  private let lives: [ClosedRange<Int>?]
  private let sizes: [String: Int]

  init(_ program: LoweredProgram, _ sizes: [String: Int]) {
    self.program = program
    self.sizes = sizes
    lives = Lifetimes(program).lives
  }

  /// What has no bound before the run is asked of the caller's allocator.
  private var planned: [Int] { program.temporaries.indices.filter { lives[$0] != nil && !program.isGrown($0) } }

  /// The temporaries in the order in which they are needed.
  var byBeginning: [Int] {
    planned.sorted { (lives[$0]?.lowerBound ?? 0, $0) < (lives[$1]?.lowerBound ?? 0, $1) }
  }

  /// The largest first.
  var bySize: [Int] {
    let estimates = Dictionary(uniqueKeysWithValues: planned.map { ($0, estimate(bytes(of: $0))) })
    return planned.sorted { (-(estimates[$0] ?? 0), $0) < (-(estimates[$1] ?? 0), $1) }
  }

  func plan(_ order: [Int]) -> MemoryPlan {
    var plan = MemoryPlan()
    plan.slots = Array(repeating: -1, count: program.temporaries.count)
    let isStructured = program.isStructured
    /// The intervals in which each slot is in use.
    var busy: [[ClosedRange<Int>]] = []
    for index in order {
      guard let life = lives[index] else { continue }
      let (bytes, perThread) = (bytes(of: index), program.temporaries[index].perThread)
      let free = busy.indices.filter { slot in
        plan.perThread[slot] == perThread && !busy[slot].contains { $0.overlaps(life) }
      }
      let slot: Int
      if let best = free.min(by: { waste(plan.slotSizes[$0], bytes) < waste(plan.slotSizes[$1], bytes) }) {
        slot = best
      } else {
        slot = busy.count
        busy.append([])
        plan.slotSizes.append([])
        plan.perThread.append(perThread)
      }
      busy[slot].append(life)
      plan.slots[index] = slot
      if !plan.slotSizes[slot].contains(bytes) { plan.slotSizes[slot].append(bytes) }
      // What is only computed on a branch not taken may have sizes that make no sense.
      if isStructured, (program.symbols.range(of: bytes).lower ?? -1) < 0 { plan.slotSizes[slot].append(0) }
    }
    plan.slotSizes = plan.slotSizes.map { pruned($0, program.symbols) }
    return plan
  }

  private func bytes(of index: Int) -> Dimension {
    let bytes = program.temporaries[index].bytes
    return program.symbols.bound(of: bytes) ?? bytes
  }

  /// A size with symbols taken at what is known of them, or at a middling value.
  private func estimate(_ dimension: Dimension) -> Int {
    dimension.evaluate { name in
      let symbol = program.symbols[name]
      return sizes[name] ?? min(max(symbol?.minimum ?? 0, 8), symbol?.maximum ?? 8)
    } ?? Int.max / 4
  }

  /// The bytes of all slots.
  func estimate(_ plan: MemoryPlan) -> Int {
    plan.slotSizes.reduce(0) { sum, sizes in
      let (total, overflow) = sum.addingReportingOverflow(sizes.map(estimate).max() ?? 0)
      return overflow ? .max : total
    }
  }

  /// How badly a temporary fits a slot: the difference of sizes.
  private func waste(_ slot: [Dimension], _ bytes: Dimension) -> Int {
    Int(min(((slot.map(estimate).max() ?? 0) &- estimate(bytes)).magnitude, UInt(Int.max)))
  }

  /// Without the sizes that another one always covers.
  private func pruned(_ sizes: [Dimension], _ symbols: SymbolTable) -> [Dimension] {
    var kept: [Dimension] = []
    for size in sizes {
      if kept.contains(where: { symbols.isAtMost(size, $0) == .yes }) { continue }
      kept.removeAll { symbols.isAtMost($0, size) == .yes }
      kept.append(size)
    }
    return kept
  }
}
