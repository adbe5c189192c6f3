extension Dimension {
  /// The quotient by a number or a single term where it leaves no remainder: `n*h*w / (h*w) = n`.
  ///
  /// - Precondition: the divisor is not zero for any value of the symbols that can occur.
  public func exactQuotient(by divisor: Dimension) -> Dimension? {
    if isOverflow || divisor.isOverflow { return nil }
    if self == divisor { return 1 }
    if let number = divisor.constant {
      guard let constant = Dimension.exactQuotient(constantTerm, number) else { return nil }
      let quotients = terms.map { Dimension.exactQuotient($0.coefficient, number) }
      if quotients.contains(nil) { return nil }
      let scaled = zip(terms, quotients).map { Term(coefficient: $1 ?? 0, atoms: $0.atoms) }
      return Dimension(constantTerm: constant, sorted: scaled)
    }
    guard divisor.constantTerm == 0, divisor.terms.count == 1, constantTerm == 0 else { return nil }
    var quotient = Dimension(0)
    for term in terms {
      guard let part = Dimension.exactQuotient(term, divisor.terms[0]) else { return nil }
      quotient = quotient + part
    }
    return quotient
  }

  private static func exactQuotient(_ term: Term, _ divisor: Term) -> Dimension? {
    guard let coefficient = exactQuotient(term.coefficient, divisor.coefficient) else { return nil }
    var atoms = term.atoms
    for atom in divisor.atoms {
      guard let index = atoms.firstIndex(of: atom) else { return nil }
      atoms.remove(at: index)
    }
    if atoms.isEmpty { return Dimension(coefficient) }
    return Dimension(constantTerm: 0, sorted: [Term(coefficient: coefficient, atoms: atoms)])
  }

  /// nil where it leaves a remainder, divides by zero or overflows.
  private static func exactQuotient(_ a: Int, _ b: Int) -> Int? {
    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
    return overflow || quotient &* b != a ? nil : quotient
  }
}
