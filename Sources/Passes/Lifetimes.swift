import TensorIR

/// The intervals between barriers in which each temporary of a program is in use. Intervals are numbered as the steps stand:
/// a branch and a loop stand between barriers, so the numbers of what is run one behind the other never overlap.
struct Lifetimes {
  private(set) var lives: [ClosedRange<Int>?]
  private var interval = 0
  /// How often each temporary is named by a step.
  private let uses: [Int: Int]

  init(_ program: LoweredProgram) {
    lives = Array(repeating: nil, count: program.temporaries.count)
    uses = Lifetimes.counts(program.steps)
    walk(program.steps)
    for case .swap(.temporary(let a), .temporary(let b)) in program.steps.flattened {
      // Either may stand for the other's memory at any time.
      guard let first = lives[a], let second = lives[b] else { continue }
      let both = min(first.lowerBound, second.lowerBound)...max(first.upperBound, second.upperBound)
      (lives[a], lives[b]) = (both, both)
    }
  }

  private mutating func walk(_ steps: [Step]) {
    for step in steps {
      for number in Lifetimes.temporaries(of: step) { touch(number) }
      switch step {
      case .barrier: interval += 1
      case .call, .check, .swap, .define, .room, .collective: break
      case .branch(let branch):
        for list in step.inner {
          interval += 1
          // A thread may read the condition when another is in the branch already.
          if case .temporary(let number) = branch.condition { touch(number) }
          walk(list)
        }
      case .loop(let loop):
        let start = interval
        walk(loop.body)
        if case .temporary(let number)? = loop.condition { touch(number) }
        extend(loop, start...interval)
      }
    }
  }

  /// What a loop uses and does not make anew in every trip lives from its first trip to its last.
  private mutating func extend(_ loop: Step.Loop, _ range: ClosedRange<Int>) {
    var swapped: Set<Int> = []
    for step in loop.body { if case .swap = step { swapped.formUnion(Lifetimes.temporaries(of: step)) } }
    for (number, count) in Lifetimes.counts(loop.body) where count < uses[number] ?? 0 || swapped.contains(number) {
      guard let life = lives[number] else { continue }
      lives[number] = min(life.lowerBound, range.lowerBound)...max(life.upperBound, range.upperBound)
    }
  }

  private mutating func touch(_ number: Int) {
    lives[number] = min(lives[number]?.lowerBound ?? interval, interval)...interval
  }

  private static func counts(_ steps: [Step]) -> [Int: Int] {
    var counts: [Int: Int] = [:]
    for step in steps.flattened { for number in temporaries(of: step) { counts[number, default: 0] += 1 } }
    return counts
  }

  /// The temporaries that a step itself names.
  private static func temporaries(of step: Step) -> [Int] {
    step.references.compactMap { if case .temporary(let number) = $0 { number } else { nil } }
  }
}
