/// An answer that may be out of reach.
public enum Ternary: Sendable { case yes, no, unknown }

/// The symbols of a function with what is known of them, in order of appearance, and the questions that can be asked.
public struct SymbolTable: Hashable, Sendable {
  public private(set) var symbols: [Symbol] = []

  public init(_ symbols: [Symbol] = []) { for symbol in symbols { declare(symbol) } }

  public subscript(_ name: String) -> Symbol? { symbols.first { $0.name == name } }

  /// Adds a symbol or replaces what was known of it.
  public mutating func declare(_ symbol: Symbol) {
    if let index = symbols.firstIndex(where: { $0.name == symbol.name }) {
      symbols[index] = symbol
    } else {
      symbols.append(symbol)
    }
  }

  /// A name that no symbol has yet, made from `stem`.
  public func freshName(_ stem: String) -> String {
    if self[stem] == nil { return stem }
    return (1...).lazy.map { "\(stem)_\($0)" }.first { self[$0] == nil } ?? stem
  }

  /// Bounds of a dimension, nil where there is none.
  public func range(of dimension: Dimension) -> (lower: Int?, upper: Int?) {
    if dimension.isOverflow { return (nil, nil) }
    var total: (lower: Int?, upper: Int?) = (dimension.constantTerm, dimension.constantTerm)
    for term in dimension.terms {
      var product: (lower: Int?, upper: Int?) = (1, 1)
      for atom in term.atoms { product = Self.multiply(product, range(of: atom)) }
      let c = term.coefficient
      product = Self.multiply(product, (c, c))
      total = (Self.add(total.lower, product.lower), Self.add(total.upper, product.upper))
    }
    return total
  }

  /// Whether two dimensions are equal for every value of the symbols (yes), for none (no), or it depends.
  public func isEqual(_ a: Dimension, _ b: Dimension) -> Ternary {
    if a.isOverflow || b.isOverflow { return .unknown }
    let difference = a - b
    if let value = difference.constant { return value == 0 ? .yes : .no }
    let bounds = range(of: difference)
    if let lower = bounds.lower, lower > 0 { return .no }
    if let upper = bounds.upper, upper < 0 { return .no }
    return .unknown
  }

  /// Whether `a <= b` always (yes), never (no), or it depends.
  public func isAtMost(_ a: Dimension, _ b: Dimension) -> Ternary {
    let difference = b - a
    let bounds = range(of: difference)
    if let lower = bounds.lower, lower >= 0 { return .yes }
    if let upper = bounds.upper, upper < 0 { return .no }
    guard holdsComputed(difference), let least = withoutComputed(difference, .least),
      let lower = range(of: least).lower, lower >= 0
    else { return .unknown }
    return .yes
  }

  /// Whether `divisor` divides the dimension for every value of the symbols, by what is known of them.
  public func isDivisible(_ dimension: Dimension, by divisor: Int) -> Bool {
    divisor > 0 && !dimension.isOverflow && self.divisor(of: dimension) % divisor == 0
  }

  /// A number that divides the dimension for every value of the symbols; 1 where none is known, 0 for zero.
  public func divisor(of dimension: Dimension) -> Int {
    if dimension.isOverflow { return 1 }
    return dimension.terms.reduce(Int(clamping: dimension.constantTerm.magnitude)) { common, term in
      var factor = Int(clamping: term.coefficient.magnitude)
      for case .symbol(let name) in term.atoms {
        let (product, overflow) = factor.multipliedReportingOverflow(by: self[name]?.divisor ?? 1)
        if !overflow { factor = product }
      }
      return SymbolTable.commonDivisor(common, factor)
    }
  }

  /// The greatest number that divides both.
  private static func commonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a.magnitude, b.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    return Int(clamping: a)
  }

  private func range(of atom: Dimension.Atom) -> (lower: Int?, upper: Int?) {
    switch atom {
    case .symbol(let name):
      let symbol = self[name]
      return (symbol?.minimum ?? 0, symbol?.maximum ?? symbol?.bound.flatMap { range(of: $0).upper })
    case .floorDivision(let a, let b):
      let (x, y) = (range(of: a), range(of: b))
      guard let most = b.constant, most > 0 else {
        // A positive divisor never makes a value that is not negative greater.
        if let lower = x.lower, lower >= 0, let least = y.lower, least >= 1 { return (0, x.upper) }
        return (nil, nil)
      }
      return (x.lower.map { Dimension.floorDivide($0, most) }, x.upper.map { Dimension.floorDivide($0, most) })
    case .modulo(_, let b):
      return (0, range(of: b).upper.map { max($0, 1) - 1 })
    case .minimum(let a, let b):
      let (x, y) = (range(of: a), range(of: b))
      let lower = x.lower.flatMap { p in y.lower.map { min(p, $0) } }
      return (lower, [x.upper, y.upper].compactMap { $0 }.min())
    case .maximum(let a, let b):
      let (x, y) = (range(of: a), range(of: b))
      let upper = x.upper.flatMap { p in y.upper.map { max(p, $0) } }
      return ([x.lower, y.lower].compactMap { $0 }.max(), upper)
    case .broadcast(let a, let b):
      let (x, y) = (range(of: a), range(of: b))
      let lower = x.lower.flatMap { p in y.lower.map { min(p, $0) } }
      let upper = x.upper.flatMap { p in y.upper.map { max(p, $0) } }
      return (lower, upper)
    }
  }

  private static func add(_ a: Int?, _ b: Int?) -> Int? {
    guard let a, let b else { return nil }
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  }

  private static func multiply(
    _ a: (lower: Int?, upper: Int?), _ b: (lower: Int?, upper: Int?)
  ) -> (lower: Int?, upper: Int?) {
    // With a missing bound only the common case matters: both factors never negative, or one a known constant.
    if let x = a.lower, let y = b.lower, x >= 0, y >= 0 {
      return (product(x, y), a.upper.flatMap { p in b.upper.flatMap { product(p, $0) } })
    }
    if let c = b.lower, c == b.upper {
      if c >= 0 { return (a.lower.flatMap { product($0, c) }, a.upper.flatMap { product($0, c) }) }
      return (a.upper.flatMap { product($0, c) }, a.lower.flatMap { product($0, c) })
    }
    guard let p = a.lower, let q = a.upper, let r = b.lower, let s = b.upper else { return (nil, nil) }
    let corners = [product(p, r), product(p, s), product(q, r), product(q, s)]
    guard !corners.contains(nil) else { return (nil, nil) }
    return (corners.compactMap { $0 }.min(), corners.compactMap { $0 }.max())
  }

  private static func product(_ a: Int, _ b: Int) -> Int? {
    let (value, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : value
  }
}
