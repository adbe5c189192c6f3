/// Proves that polynomials over the sizes of a call and the variables of a kernel's loops are never negative.
///
/// Variables are symbols of their own, each with bounds made of what was there before it. A proof takes them away one by
/// one, the latest first: where a polynomial grows with a variable, the least value stands for it, else the greatest. What
/// is left over the sizes alone has a range. A failed proof says nothing.
struct BoundsProof {
  /// How a variable is bounded.
  fileprivate enum Kind {
    /// At least each of the first, at most each of the second.
    case bounded(lower: [Dimension], upper: [Dimension])
    /// The quotient of a number that is not negative by a positive one.
    case quotient(Dimension, by: Dimension)
    /// One of the two, the lesser or the greater of them.
    case minimum(Dimension, Dimension)
    case maximum(Dimension, Dimension)
    /// One of the two.
    case either(Dimension, Dimension)
  }

  private let sizes: SymbolTable
  private var kinds: [Kind] = []
  /// Quotients and extrema by what they are of, so that equal ones are one symbol.
  private var known: [String: Dimension] = [:]
  private var proved: [Dimension: Bool] = [:]
  private var steps = 0
  /// A proof that takes more steps is given up.
  private static let mostSteps = 2_000

  init(_ sizes: SymbolTable) { self.sizes = sizes }

  // MARK: Variables

  /// No symbol of a model begins so.
  private static let mark = "%"

  private mutating func add(_ kind: Kind) -> Dimension {
    kinds.append(kind)
    return Dimension(symbol: "\(BoundsProof.mark)\(kinds.count - 1)")
  }

  mutating func variable(from lower: [Dimension], to upper: [Dimension]) -> Dimension {
    add(.bounded(lower: lower, upper: upper))
  }

  /// Bounds as they were, to be restored.
  struct Saved {
    fileprivate var number: Int
    fileprivate var kind: Kind
  }

  /// Adds a bound that holds from here on; nil where the variable has none of its own.
  mutating func bound(_ number: Int, lower: [Dimension] = [], upper: [Dimension] = []) -> Saved? {
    guard case .bounded(let low, let high) = kinds[number] else { return nil }
    let saved = Saved(number: number, kind: kinds[number])
    kinds[number] = .bounded(lower: low + lower, upper: high + upper)
    proved = [:]
    return saved
  }

  mutating func restore(_ saved: Saved) {
    kinds[saved.number] = saved.kind
    proved = [:]
  }

  mutating func quotient(_ a: Dimension, _ b: Dimension) -> Dimension {
    if let exact = a.exactQuotient(by: b) { return exact }
    return named("\(a) / \(b)") { $0.add(.quotient(a, by: b)) }
  }

  mutating func minimum(_ a: Dimension, _ b: Dimension) -> Dimension {
    if let difference = (a - b).constant { return difference <= 0 ? a : b }
    return named("min \(a), \(b)") { $0.add(.minimum(a, b)) }
  }

  mutating func maximum(_ a: Dimension, _ b: Dimension) -> Dimension {
    if let difference = (a - b).constant { return difference >= 0 ? a : b }
    return named("max \(a), \(b)") { $0.add(.maximum(a, b)) }
  }

  mutating func either(_ a: Dimension, _ b: Dimension) -> Dimension { a == b ? a : add(.either(a, b)) }

  private mutating func named(_ key: String, _ make: (inout BoundsProof) -> Dimension) -> Dimension {
    if let value = known[key] { return value }
    let value = make(&self)
    known[key] = value
    return value
  }

  /// The numbers of the variables in a polynomial, the latest first.
  static func variables(in value: Dimension) -> [Int] {
    value.symbols.compactMap { $0.hasPrefix(mark) ? Int($0.dropFirst()) : nil }.sorted(by: >)
  }

  static func latest(in value: Dimension) -> Int? { variables(in: value).first }

  /// `value` as factor·variable + rest; nil where it is not linear in the variable.
  static func split(_ value: Dimension, by number: Int) -> (factor: Dimension, rest: Dimension)? {
    let name = "\(mark)\(number)"
    let rest = value.substituting { $0 == name ? 0 : nil }
    let factor = value.substituting { $0 == name ? 1 : nil } - rest
    guard factor * Dimension(symbol: name) + rest == value else { return nil }
    return (factor, rest)
  }

  // MARK: Proofs

  /// Whether the value is never negative; false where that is not known.
  mutating func isNeverNegative(_ value: Dimension) -> Bool {
    steps = 0
    return prove(value)
  }

  private mutating func prove(_ value: Dimension) -> Bool {
    if let number = value.constant { return number >= 0 }
    if value.isOverflow { return false }
    if let known = proved[value] { return known }
    steps += 1
    if steps > BoundsProof.mostSteps { return false }
    // Assumed false while it is tried, so that no proof goes round in circles.
    proved[value] = false
    let result = attempt(value)
    proved[value] = result
    return result
  }

  private mutating func attempt(_ value: Dimension) -> Bool {
    guard let number = BoundsProof.latest(in: value) else {
      return sizes.range(of: value).lower.map { $0 >= 0 } ?? false
    }
    guard let (factor, rest) = BoundsProof.split(value, by: number) else { return false }
    switch kinds[number] {
    case .bounded(let lower, let upper):
      if prove(factor), lower.contains(where: { prove(factor * $0 + rest) }) { return true }
      return prove(-factor) && upper.contains { prove(factor * $0 + rest) }
    case .quotient(let a, let b): return proveQuotient(a, b, factor, rest)
    case .minimum(let a, let b): return proveExtremum(a, b, factor, rest, grows: -1)
    case .maximum(let a, let b): return proveExtremum(a, b, factor, rest, grows: 1)
    case .either(let a, let b): return prove(factor * a + rest) && prove(factor * b + rest)
    }
  }

  /// With min(a, b), a greater factor needs both; a negative one may take either.
  private mutating func proveExtremum(
    _ a: Dimension, _ b: Dimension, _ factor: Dimension, _ rest: Dimension, grows: Int
  ) -> Bool {
    let (first, second) = (factor * a + rest, factor * b + rest)
    if prove(first) { return prove(second) || prove(factor * Dimension(grows)) }
    return prove(second) && prove(factor * Dimension(grows))
  }

  /// q = a / b, so that b·q lies between a - b + 1 and a.
  private mutating func proveQuotient(_ a: Dimension, _ b: Dimension, _ factor: Dimension, _ rest: Dimension) -> Bool {
    if let multiple = factor.exactQuotient(by: b) {
      if prove(multiple), prove(multiple * (a - b + 1) + rest) { return true }
      if prove(-multiple), prove(multiple * a + rest) { return true }
    }
    if prove(factor) { return prove(rest) }
    guard prove(-factor) else { return false }
    return greatest(a).contains { most in
      if let whole = (most + 1).exactQuotient(by: b) { return prove(factor * (whole - 1) + rest) }
      if let whole = most.exactQuotient(by: b) { return prove(factor * whole + rest) }
      return BoundsProof.latest(in: most) == nil && prove(factor * most.floorDivided(by: b) + rest)
    }
  }

  /// Polynomials that a value is at most, the coarsest first: its variables are taken away in every order, as far as that
  /// goes.
  private mutating func greatest(_ value: Dimension) -> [Dimension] {
    var found = [value]
    var next = 0
    while next < found.count, found.count < BoundsProof.mostBounds {
      let current = found[next]
      next += 1
      for number in BoundsProof.variables(in: current) {
        guard let (factor, rest) = BoundsProof.split(current, by: number) else { continue }
        for bound in bounds(of: number, factor, rest) where !found.contains(bound) { found.append(bound) }
      }
    }
    return found.reversed()
  }

  private static let mostBounds = 24

  /// What factor·variable + rest is at most.
  private mutating func bounds(of number: Int, _ factor: Dimension, _ rest: Dimension) -> [Dimension] {
    var ends: [Dimension] = []
    switch kinds[number] {
    case .bounded(let lower, let upper): ends = prove(factor) ? upper : prove(-factor) ? lower : []
    case .quotient(let a, let b):
      if let multiple = factor.exactQuotient(by: b), prove(multiple) { return [multiple * a + rest] }
      return prove(-factor) ? [rest] : []
    case .minimum(let a, let b): ends = prove(factor) ? [a, b] : []
    case .maximum(let a, let b): ends = prove(-factor) ? [a, b] : []
    case .either: break
    }
    return ends.map { factor * $0 + rest }
  }
}
