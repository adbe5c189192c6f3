/// The extent of one axis: a number, or a polynomial with 64-bit coefficients over symbols and a few atoms
/// (`floordiv`, `mod`, `min`, `max`, `broadcast`).
///
/// The terms are kept in one normal form, so equal polynomials are equal values. Arithmetic is checked: an overflow
/// gives ``overflow``, which absorbs all else and which the verifier reports; so does a polynomial that no model needs
/// (over ``termLimit`` terms, or a product of over ``degreeLimit`` atoms), lest a hostile text take all memory.
public struct Dimension: Hashable, Sendable {
  /// A product of atoms with a coefficient; atoms are sorted and may repeat.
  public struct Term: Hashable, Sendable {
    public var coefficient: Int
    public var atoms: [Atom]
  }

  /// What a polynomial is built of, beside numbers.
  public indirect enum Atom: Hashable, Sendable {
    case symbol(String)
    /// The quotient rounded towards minus infinity; the divisor is positive.
    case floorDivision(Dimension, Dimension)
    /// The remainder with the divisor's sign.
    case modulo(Dimension, Dimension)
    case minimum(Dimension, Dimension)
    case maximum(Dimension, Dimension)
    /// The extent of two broadcast axes: the other one where one is 1, else either, which a guard proves equal.
    case broadcast(Dimension, Dimension)
  }

  /// The number added to the terms.
  public private(set) var constantTerm: Int
  /// The terms that hold an atom, in the order of ``compare(_:_:)``, none with coefficient 0.
  public private(set) var terms: [Term]
  public private(set) var isOverflow = false

  public init(_ value: Int) {
    constantTerm = value
    terms = []
  }

  public init(symbol: String) {
    constantTerm = 0
    terms = [Term(coefficient: 1, atoms: [.symbol(symbol)])]
  }

  init(atom: Atom) {
    constantTerm = 0
    terms = [Term(coefficient: 1, atoms: [atom])]
  }

  /// The poison that checked arithmetic gives when 64 bits do not suffice.
  public static let overflow: Dimension = {
    var result = Dimension(0)
    result.isOverflow = true
    return result
  }()

  /// Whether it, or a dimension inside one of its atoms, has overflowed.
  public var holdsOverflow: Bool {
    isOverflow
      || terms.contains { term in
        term.atoms.contains { atom in
          guard let (a, b) = atom.operands else { return false }
          return a.holdsOverflow || b.holdsOverflow
        }
      }
  }

  /// The value if it holds no symbol.
  public var constant: Int? { terms.isEmpty && !isOverflow ? constantTerm : nil }

  /// The symbol's name if this is one symbol and nothing else.
  public var symbolName: String? {
    guard constantTerm == 0, terms.count == 1, terms[0].coefficient == 1, terms[0].atoms.count == 1,
      case .symbol(let name) = terms[0].atoms[0]
    else { return nil }
    return name
  }

  /// The names of all symbols in it, in order of first appearance.
  public var symbols: [String] {
    var result: [String] = []
    collectSymbols(into: &result)
    return result
  }

  func collectSymbols(into result: inout [String]) {
    for term in terms {
      for atom in term.atoms {
        switch atom {
        case .symbol(let name): if !result.contains(name) { result.append(name) }
        case .floorDivision(let a, let b), .modulo(let a, let b), .minimum(let a, let b), .maximum(let a, let b),
          .broadcast(let a, let b):
          a.collectSymbols(into: &result)
          b.collectSymbols(into: &result)
        }
      }
    }
  }

  static let termLimit = 1024
  static let degreeLimit = 64

  /// Builds the normal form: like terms merged, zero terms dropped, sorted.
  init(constantTerm: Int, merging unsorted: [Term]) {
    var merged: [Term] = []
    for term in unsorted.sorted(by: { Dimension.compare($0.atoms, $1.atoms) < 0 }) {
      guard let last = merged.last, last.atoms == term.atoms else { merged.append(term); continue }
      let (sum, overflow) = last.coefficient.addingReportingOverflow(term.coefficient)
      if overflow { self = .overflow; return }
      merged[merged.count - 1].coefficient = sum
    }
    self.init(constantTerm: constantTerm, sorted: merged.filter { $0.coefficient != 0 })
  }

  /// - Precondition: the terms are in normal form.
  init(constantTerm: Int, sorted terms: [Term]) {
    if terms.count > Dimension.termLimit { self = .overflow; return }
    self.constantTerm = constantTerm
    self.terms = terms
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(value) }
}

/// What is known of a symbol: its bounds, a number that divides it, and whether a run finds it.
public struct Symbol: Hashable, Sendable, Codable {
  public var name: String
  /// The least value; 0 unless stated.
  public var minimum: Int
  /// The greatest value, if there is one.
  public var maximum: Int?
  /// A positive number that divides every value.
  public var divisor: Int
  /// Whether it is found while the function runs: an operation defines it, and it may be used from there on.
  public var isComputed = false
  /// What a computed one never exceeds, in sizes declared before it; nil where nothing is known.
  public var bound: Dimension?

  public init(_ name: String, minimum: Int = 0, maximum: Int? = nil, divisor: Int = 1) {
    self.name = name
    self.minimum = minimum
    self.maximum = maximum
    self.divisor = divisor
  }

  /// A size that the run finds.
  public static func computed(_ name: String, bound: Dimension? = nil) -> Symbol {
    var symbol = Symbol(name)
    symbol.isComputed = true
    symbol.bound = bound
    return symbol
  }
}
