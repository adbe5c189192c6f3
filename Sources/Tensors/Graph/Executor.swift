import TensorIR
import TensorOps
import TensorRuntime

import class Foundation.NSLock

/// Computes slices of the lazy graph: small ones by the evaluator, which needs no C compiler; large ones compiled.
/// Slices of one form share a function: see ``SliceFamily``.
///
/// Sendable because its tables are under its lock, which is not held while anything is compiled or computed.
final class Executor: @unchecked Sendable {
  /// The one that this task's slices go to, where it is not the graph's: for tests that count.
  @TaskLocal static var current: Executor?

  /// How long the evaluator may compute slices of one form, all together and in nanoseconds as ``EvaluatorTime`` counts
  /// them, before they are compiled: as long as it takes to compile a small function, in a release build 0.9 s of the
  /// processor (0.2 of them ours, 0.7 the C compiler's).
  static let evaluatorLimit = 900_000_000

  /// What takes less than this is not worth looking anything up for.
  private static let trifle = 20_000

  /// A slice that was met. Its family is kept with it, so that a slice that comes again is not taken apart again.
  private struct Known {
    var parts: SliceNumbers?
    var family: SliceFamily
    /// The function that served it.
    var function: SharedFunction?
    var arguments: [HostArray] = []
  }

  private let lock = NSLock()
  private var known = RecentlyUsed<SlicePlan.Key, Known>(mostCount: 1024)
  private var families = RecentlyUsed<SliceNumbers.Form, SliceFamily>(mostCount: 1024)
  private var collectives = RecentlyUsed<SlicePlan.Key, CompiledOnce>(mostCount: 256)
  private var compilationCount = 0

  /// How many functions were compiled: for tests.
  var compilations: Int { lock.withLock { compilationCount } }

  /// How many slices and forms are remembered: for tests.
  var memory: (slices: Int, forms: Int) { lock.withLock { (known.count, families.count) } }

  func run(_ plan: SlicePlan, _ inputs: [HostArray]) throws -> [HostArray] {
    if Ranks.current.count > 1, plan.holdsCollectives { return try runAmongRanks(plan, inputs) }
    if plan.evaluatorTime <= Executor.trifle { return try SliceInterpreter.run(plan, inputs) }
    var entry = lock.withLock { known[plan.key] } ?? remember(plan)
    if entry.function == nil {
      switch try entry.family.way(for: plan, entry.parts) {
      case .evaluator: return try SliceInterpreter.run(plan, inputs)
      case .function(let function, let arguments):
        (entry.function, entry.arguments) = (function, arguments)
        lock.withLock { known[plan.key] = entry }
      }
    }
    guard let function = entry.function else { throw Diagnostic("internal", "a slice has no function") }
    if function.isGeneral {
      if let results = try runGeneral(function, plan, inputs + entry.arguments) { return results }
      entry.function = try entry.family.ownWay(for: plan, entry.parts, insteadOf: function)
      entry.arguments = []
      lock.withLock { known[plan.key] = entry }
    }
    return try (entry.function ?? function).program.program(note).run(inputs + entry.arguments)
  }

  /// The evaluator knows of no other ranks, so what ranks do together is compiled at once.
  private func runAmongRanks(_ plan: SlicePlan, _ inputs: [HostArray]) throws -> [HostArray] {
    let function = try lock.withLock {
      if let function = collectives[plan.key] { return function }
      let function = CompiledOnce(try plan.function())
      collectives[plan.key] = function
      return function
    }
    return try function.program(note).run(inputs)
  }

  /// Runs a function with symbols; nil where it cannot be compiled, or gives other shapes than the slice has.
  private func runGeneral(_ function: SharedFunction, _ plan: SlicePlan, _ inputs: [HostArray]) throws -> [HostArray]? {
    let program: CompiledProgram
    do { program = try function.program.program(note) } catch is Diagnostic { return nil }
    let results = try program.run(inputs)
    let fits = zip(results, plan.resultTypes).allSatisfy { $0.tensorType == $1 }
    return fits ? results : nil
  }

  private func remember(_ plan: SlicePlan) -> Known {
    let parts = SliceNumbers(plan)
    return lock.withLock {
      let family = parts.flatMap { families[$0.form] } ?? SliceFamily()
      if let parts { families[parts.form] = family }
      let entry = Known(parts: parts, family: family)
      known[plan.key] = entry
      return entry
    }
  }

  private func note() { lock.withLock { compilationCount += 1 } }
}

/// A table that forgets what was not used for longest when it is full, a quarter at a time.
struct RecentlyUsed<Key: Hashable, Value> {
  private var entries: [Key: (value: Value, lastUse: Int)] = [:]
  private var now = 0
  private let mostCount: Int

  init(mostCount: Int) { self.mostCount = mostCount }

  var count: Int { entries.count }

  subscript(key: Key) -> Value? {
    mutating get {
      guard let index = entries.index(forKey: key) else { return nil }
      now += 1
      entries.values[index].lastUse = now
      return entries.values[index].value
    }
    set {
      now += 1
      entries[key] = newValue.map { ($0, now) }
      if entries.count > mostCount { forgetOldest() }
    }
  }

  private mutating func forgetOldest() {
    let uses = entries.values.map(\.lastUse).sorted()
    let limit = uses[uses.count / 4]
    entries = entries.filter { $0.value.lastUse > limit }
  }
}
