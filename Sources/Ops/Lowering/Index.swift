import TensorIR

/// A position on one axis inside a kernel: the same in every lane, or going up by `step` from lane to lane.
public struct Index: Hashable, Sendable {
  public var base: Expression
  /// How much the position grows per lane; 0 for a scalar.
  public var step: Int

  public init(_ base: Expression, step: Int = 0) {
    self.base = base
    self.step = step
  }

  public static let zero = Index(0)

  public static func + (a: Index, b: Index) -> Index { Index(a.base + b.base, step: a.step + b.step) }
  public static func * (a: Index, factor: Int) -> Index { Index(a.base * .integer(factor), step: a.step * factor) }
}

/// Thrown while an expression is built for vectors, where it needs scalars: the schedule then writes the scalar loop.
public struct NotVectorizable: Error {}
