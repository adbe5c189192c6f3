/// Where along one axis of an operand an element of a result is read: an integer worked out from the indices of that element.
public indirect enum Place: Hashable, Sendable {
  /// Which place stands for one beyond the ends of an axis.
  public enum Bounding: String, Hashable, Sendable {
    /// The nearest.
    case edge
    /// The one as far within as this is beyond, at most an axis' length less 1.
    case reflect
    /// The one where the axis, repeated without end, would be.
    case wrap
  }

  /// The index on an axis of the result; axes that are reduced are counted after the result's own.
  case axis(Int)
  /// The index on an axis of the result, or 0 where the operand's own extent turns out to be 1.
  case broadcast(Int, extent: Dimension)
  /// A size, the same for all elements.
  case size(Dimension)
  case sum(Place, Place)
  case scaled(Place, by: Int)
  case product(Place, Dimension)
  /// Quotient and remainder of what is never negative.
  case quotient(Place, Dimension)
  case remainder(Place, Dimension)
  /// The place itself within `0 ..< extent`, and the one that stands for it beyond.
  case bounded(Place, extent: Dimension, Bounding)
  /// The integer element of an operand.
  case element(operand: Int, at: [Place])
  /// The same as an index on an axis of an extent: counted from the end if negative; one that is out of range is an error of
  /// the run.
  case index(operand: Int, at: [Place], extent: Dimension)

  public static let zero = Place.size(0)

  public static func + (a: Place, b: Place) -> Place {
    switch (a, b) {
    case (.size(let x), .size(let y)): .size(x + y)
    case (_, .size(0)): a
    case (.size(0), _): b
    default: .sum(a, b)
    }
  }

  public static func - (a: Place, b: Dimension) -> Place { a + .size(-b) }

  public static func * (a: Place, factor: Int) -> Place {
    if case .size(let size) = a { return .size(size * Dimension(factor)) }
    return factor == 1 ? a : .scaled(a, by: factor)
  }

  public static func * (a: Place, factor: Dimension) -> Place {
    if factor == 1 { return a }
    if case .size(let size) = a { return .size(size * factor) }
    return factor.constant.map { .scaled(a, by: $0) } ?? .product(a, factor)
  }
}

extension Place {
  /// The places from which this one is worked out.
  private var parts: [Place] {
    switch self {
    case .axis, .broadcast, .size: []
    case .sum(let a, let b): [a, b]
    case .scaled(let a, _), .product(let a, _), .quotient(let a, _), .remainder(let a, _), .bounded(let a, _, _): [a]
    case .element(_, let places), .index(_, let places, _): places
    }
  }

  /// The axes of the result of which it takes the index, in the order in which they stand, repeated if they do.
  public var axes: [Int] {
    switch self {
    case .axis(let axis), .broadcast(let axis, _): [axis]
    default: parts.flatMap(\.axes)
    }
  }

  /// Whether it is found by looking at an operand.
  public var readsOperand: Bool {
    switch self {
    case .element, .index: true
    default: parts.contains(where: \.readsOperand)
    }
  }

  /// Whether it never goes down as an index goes up, and does not depend on elements.
  var isIncreasing: Bool {
    switch self {
    case .scaled(let place, let factor): factor >= 0 && place.isIncreasing
    case .remainder, .bounded, .element, .index: false
    default: parts.allSatisfy(\.isIncreasing)
    }
  }

  /// As a sum: an offset, and for each axis how far the place moves when its index goes up by one. Nil where it is none.
  public func linear(rank: Int) -> (offset: Dimension, steps: [Dimension])? {
    let still = [Dimension](repeating: 0, count: rank)
    switch self {
    case .axis(let axis):
      guard axis < rank else { return nil }
      var steps = still
      steps[axis] = 1
      return (0, steps)
    case .size(let size): return (size, still)
    case .sum(let a, let b):
      guard let x = a.linear(rank: rank), let y = b.linear(rank: rank) else { return nil }
      return (x.offset + y.offset, zip(x.steps, y.steps).map { $0 + $1 })
    case .scaled(let place, let factor):
      return place.linear(rank: rank).map { x in (x.offset * Dimension(factor), x.steps.map { $0 * Dimension(factor) })
      }
    case .product(let place, let factor):
      return place.linear(rank: rank).map { x in (x.offset * factor, x.steps.map { $0 * factor }) }
    default: return nil
    }
  }
}
