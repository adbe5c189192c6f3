import TensorIR
import TensorOps

/// A position on one axis inside a kernel: the same in every lane, or going up by `step` from lane to lane.
struct Index: Hashable, Sendable {
  var base: Expression
  /// How much the position grows per lane; 0 for a scalar.
  var step: Int

  init(_ base: Expression, step: Int = 0) {
    self.base = base
    self.step = step
  }

  static let zero = Index(0)

  /// A step that is not a number known here; loads along it are refused, so the loop becomes scalar.
  static let unknownStep = Int.min / 4

  static func + (a: Index, b: Index) -> Index {
    let isKnown = a.step != unknownStep && b.step != unknownStep
    return Index(a.base + b.base, step: isKnown ? known(a.step.addingReportingOverflow(b.step)) : unknownStep)
  }

  static func * (a: Index, factor: Int) -> Index {
    Index(
      a.base * .integer(factor),
      step: a.step == unknownStep ? unknownStep : known(a.step.multipliedReportingOverflow(by: factor)))
  }

  private static func known(_ result: (partialValue: Int, overflow: Bool)) -> Int {
    result.overflow ? unknownStep : result.partialValue
  }
}

/// Thrown while an expression is built for vectors, where it needs scalars: the schedule then writes the scalar loop.
struct NotVectorizable: Error {}

/// What `body` gives, or nil where that needs scalars. Any other error is a mistake and passes.
func ifVectors<T>(_ body: () throws -> T) throws -> T? {
  do { return try body() } catch is NotVectorizable { return nil }
}
