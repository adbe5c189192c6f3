/// The extent of one axis: a number, or a polynomial with 64-bit coefficients over symbols and a few atoms
/// (`floordiv`, `mod`, `min`, `max`, `broadcast`).
///
/// The terms are kept in one normal form, so equal polynomials are equal values. Arithmetic is checked: an overflow gives
/// ``overflow``, which absorbs all else and which the verifier reports.
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
  /// The terms that hold an atom, sorted by their text, none with coefficient 0.
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

  /// Builds the normal form: like terms merged, zero terms dropped, sorted.
  init(constantTerm: Int, merging unsorted: [Term]) {
    self.constantTerm = constantTerm
    var merged: [(key: String, term: Term)] = []
    for term in unsorted {
      let key = term.atoms.map(\.description).joined(separator: "*")
      if let index = merged.firstIndex(where: { $0.key == key }) {
        let (sum, overflow) = merged[index].term.coefficient.addingReportingOverflow(term.coefficient)
        if overflow { self = .overflow; return }
        merged[index].term.coefficient = sum
      } else {
        merged.append((key, term))
      }
    }
    terms = merged.filter { $0.term.coefficient != 0 }.sorted { $0.key < $1.key }.map(\.term)
  }
}

extension Dimension: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(value) }
}

/// What is known of a symbol: its bounds and a number that divides it.
public struct Symbol: Hashable, Sendable, Codable {
  public var name: String
  /// The least value; 0 unless stated.
  public var minimum: Int
  /// The greatest value, if there is one.
  public var maximum: Int?
  /// A positive number that divides every value.
  public var divisor: Int

  public init(_ name: String, minimum: Int = 0, maximum: Int? = nil, divisor: Int = 1) {
    self.name = name
    self.minimum = minimum
    self.maximum = maximum
    self.divisor = divisor
  }
}
