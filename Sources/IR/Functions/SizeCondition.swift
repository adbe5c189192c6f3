/// What must hold between two sizes.
public struct SizeCondition: Hashable, Sendable {
  public enum Relation: String, Hashable, Sendable, CaseIterable {
    case equal = "=="
    case atMost = "<="
    /// The two broadcast: they are equal, or one of them is 1.
    case broadcastsWith = "broadcasts_with"
    /// The left broadcasts to the right: it is 1, or equal.
    case broadcastsTo = "broadcasts_to"
  }

  public var left: Dimension
  public var relation: Relation
  public var right: Dimension

  public init(_ left: Dimension, _ relation: Relation, _ right: Dimension) {
    (self.left, self.relation, self.right) = (left, relation, right)
  }

  /// Whether it holds for given symbols; nil where a side has no value.
  public func holds(_ values: (String) -> Int?) -> Bool? {
    guard let a = left.evaluate(values), let b = right.evaluate(values) else { return nil }
    switch relation {
    case .equal: return a == b
    case .atMost: return a <= b
    case .broadcastsWith: return a == b || a == 1 || b == 1
    case .broadcastsTo: return a == b || a == 1
    }
  }

  public func substituting(_ replacement: (String) -> Dimension?) -> SizeCondition {
    SizeCondition(left.substituting(replacement), relation, right.substituting(replacement))
  }

  /// The same whatever the order of sides that may change places.
  public var normalized: SizeCondition {
    let isDirected = relation == .atMost || relation == .broadcastsTo
    return isDirected || Dimension.compare(left, right) <= 0 ? self : SizeCondition(right, relation, left)
  }
}

extension SizeCondition: CustomStringConvertible {
  /// The text form: `n == m`, `n broadcasts_with m`.
  public var description: String { "\(left) \(relation.rawValue) \(right)" }
}

extension SymbolTable {
  /// Whether a condition holds for every value of the symbols (yes), for none (no), or it depends.
  public func holds(_ condition: SizeCondition) -> Ternary {
    let (a, b) = (condition.left, condition.right)
    switch condition.relation {
    case .equal: return isEqual(a, b)
    case .atMost: return isAtMost(a, b)
    case .broadcastsWith: return any([isEqual(a, b), isEqual(a, 1), isEqual(b, 1)])
    case .broadcastsTo: return any([isEqual(a, b), isEqual(a, 1)])
    }
  }

  private func any(_ answers: [Ternary]) -> Ternary {
    if answers.contains(.yes) { return .yes }
    return answers.contains(.unknown) ? .unknown : .no
  }
}

extension InferenceContext {
  /// A condition that is checked before the kernels that need it.
  public struct Guard: Hashable, Sendable {
    public var condition: SizeCondition
    /// What is wrong where it does not hold.
    public var message: String
    /// The place of the operation that asked for it, which may since have become another, or a part of one.
    public var location: Location

    public init(_ condition: SizeCondition, _ message: String, at location: Location = .unknown) {
      (self.condition, self.message, self.location) = (condition, message, location)
    }

    /// How the message goes on where an extent of a result may not be negative.
    static let negativeExtent = "makes fewer than no elements on axis"

    /// Whether it is that an extent of a result is not negative.
    public var isOfExtent: Bool { message.contains(Guard.negativeExtent) }

    /// The message with the sizes met: `the sizes differ: n is 2, m is 3`.
    public func text(_ values: (String) -> Int?) -> String {
      let sizes = sides.compactMap { side in side.evaluate(values).map { "\(side) is \($0)" } }
      return sizes.isEmpty ? message : "\(message): \(sizes.joined(separator: ", "))"
    }

    /// The sides that are not plain numbers, whose values a message tells.
    public var sides: [Dimension] {
      let all = condition.left == condition.right ? [condition.left] : [condition.left, condition.right]
      return all.filter { $0.constant == nil }
    }

    /// The guard at a place, if it has none.
    public func located(at place: Location) -> Guard {
      location == .unknown ? Guard(condition, message, at: place) : self
    }
  }
}

extension [InferenceContext.Guard] {
  /// These, and those others whose conditions are not among them.
  public func adding(_ others: [InferenceContext.Guard]) -> [InferenceContext.Guard] {
    var known = Set(map(\.condition.normalized))
    return self + others.filter { known.insert($0.condition.normalized).inserted }
  }
}
