import TensorIR
import TensorOps
import TensorRuntime

import class Foundation.NSLock

/// Slices of one form, met with different numbers, and the functions that serve them. The evaluator computes them until
/// it has spent the time that a compilation takes. What is compiled then has symbols and operands in the place of the
/// numbers in which the slices met so far differ, so that one function serves those to come.
///
/// Sendable because all that changes is under its lock, which is not held while anything is compiled.
final class SliceFamily: @unchecked Sendable {
  /// How a slice is to be computed.
  enum Way {
    case evaluator
    /// By a function, which takes the arguments after the slice's inputs.
    case function(SharedFunction, arguments: [HostArray])
  }

  private let lock = NSLock()
  /// Different numbers that were met, the latest last.
  private var sightings: [SliceNumbers.Numbers] = []
  private var functions: [SharedFunction] = []
  /// How often no general function could be made. Some number cannot be a symbol then, and each slice is a function of
  /// its own.
  private var failures = 0
  /// What the evaluator has spent, in nanoseconds.
  private var spent = 0

  private static let mostSightings = 8
  /// Sizes that fit none of these are compiled as they are.
  private static let mostGeneral = 4
  private static let mostFailures = 2

  /// How to compute a slice.
  func way(for plan: SlicePlan, _ parts: SliceNumbers?) throws -> Way {
    try lock.withLock {
      let numbers = parts?.numbers ?? SliceNumbers.Numbers()
      note(numbers)
      for function in functions {
        if let arguments = function.arguments(for: numbers) { return .function(function, arguments: arguments) }
      }
      if plan.evaluatorTime <= Executor.evaluatorLimit - spent {
        spent += plan.evaluatorTime
        return .evaluator
      }
      return try compiledWay(for: plan, parts, numbers)
    }
  }

  private func note(_ numbers: SliceNumbers.Numbers) {
    guard !sightings.contains(numbers) else { return }
    sightings.append(numbers)
    if sightings.count > SliceFamily.mostSightings { sightings.removeFirst() }
  }

  private func compiledWay(
    for plan: SlicePlan, _ parts: SliceNumbers?, _ numbers: SliceNumbers.Numbers
  ) throws -> Way {
    if let parts, sightings.count > 1, failures < SliceFamily.mostFailures,
      functions.count(where: \.isGeneral) < SliceFamily.mostGeneral
    {
      if let general = SharedFunction(plan, parts, sightings), let arguments = general.arguments(for: numbers) {
        functions.append(general)
        return .function(general, arguments: arguments)
      }
      failures += 1
    }
    let own = try SharedFunction(plan, numbers)
    functions.append(own)
    return .function(own, arguments: [])
  }

  /// The function for a slice alone, in the place of a general one that cannot be compiled or gives other shapes.
  func ownWay(for plan: SlicePlan, _ parts: SliceNumbers?, insteadOf general: SharedFunction) throws -> SharedFunction {
    try lock.withLock {
      functions.removeAll { $0 === general }
      failures = SliceFamily.mostFailures
      let own = try SharedFunction(plan, parts?.numbers ?? SliceNumbers.Numbers())
      functions.append(own)
      return own
    }
  }
}
