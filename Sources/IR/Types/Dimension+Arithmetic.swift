extension Dimension {
  public static func + (left: Dimension, right: Dimension) -> Dimension {
    if left.isOverflow || right.isOverflow { return .overflow }
    let (sum, overflow) = left.constantTerm.addingReportingOverflow(right.constantTerm)
    if overflow { return .overflow }
    if right.terms.isEmpty { return Dimension(constantTerm: sum, sorted: left.terms) }
    if left.terms.isEmpty { return Dimension(constantTerm: sum, sorted: right.terms) }
    return Dimension(constantTerm: sum, merging: left.terms + right.terms)
  }

  public static func - (left: Dimension, right: Dimension) -> Dimension {
    guard let number = right.constant, !left.isOverflow else { return left + -right }
    let (difference, overflow) = left.constantTerm.subtractingReportingOverflow(number)
    return overflow ? .overflow : Dimension(constantTerm: difference, sorted: left.terms)
  }

  public static prefix func - (value: Dimension) -> Dimension { value.scaled(by: -1) }

  public static func * (left: Dimension, right: Dimension) -> Dimension {
    if left.isOverflow || right.isOverflow { return .overflow }
    if right.terms.isEmpty { return left.scaled(by: right.constantTerm) }
    if left.terms.isEmpty { return right.scaled(by: left.constantTerm) }
    let (constant, overflow) = left.constantTerm.multipliedReportingOverflow(by: right.constantTerm)
    if overflow || left.terms.count * right.terms.count > termLimit * 16 { return .overflow }
    var products: [Term] = []
    let one = Term(coefficient: left.constantTerm, atoms: [])
    let other = Term(coefficient: right.constantTerm, atoms: [])
    for a in left.terms + [one] where a.coefficient != 0 {
      for b in right.terms + [other] where b.coefficient != 0 {
        if a.atoms.isEmpty && b.atoms.isEmpty { continue }
        let (product, overflow) = a.coefficient.multipliedReportingOverflow(by: b.coefficient)
        if overflow || a.atoms.count + b.atoms.count > degreeLimit { return .overflow }
        let atoms = (a.atoms + b.atoms).sorted { compare($0, $1) < 0 }
        products.append(Term(coefficient: product, atoms: atoms))
      }
    }
    return Dimension(constantTerm: constant, merging: products)
  }

  private func scaled(by number: Int) -> Dimension {
    if isOverflow { return self }
    let (constant, overflow) = constantTerm.multipliedReportingOverflow(by: number)
    if overflow { return .overflow }
    if terms.isEmpty || number == 0 { return Dimension(constant) }
    var scaled = terms
    for index in scaled.indices {
      let (product, overflow) = scaled[index].coefficient.multipliedReportingOverflow(by: number)
      if overflow { return .overflow }
      scaled[index].coefficient = product
    }
    return Dimension(constantTerm: constant, sorted: scaled)
  }

  /// The quotient rounded towards minus infinity. The caller has proved the divisor positive; a constant divisor below
  /// 1 gives ``overflow``.
  public func floorDivided(by divisor: Dimension) -> Dimension {
    if isOverflow || divisor.isOverflow { return .overflow }
    if divisor == 1 { return self }
    if self == 0 { return 0 }
    if self == divisor { return 1 }
    guard let number = divisor.constant else {
      if let quotient = exactQuotient(by: divisor) { return quotient }
      return Dimension(atom: .floorDivision(self, divisor))
    }
    if number < 1 { return .overflow }
    if let value = constant { return Dimension(Dimension.floorDivide(value, number)) }
    // Whole multiples of the divisor leave the quotient: floordiv(c*q + r, c) = q + floordiv(r, c).
    let (whole, rest) = split(by: number)
    if rest == 0 { return whole }
    if let value = rest.constant { return whole + Dimension(Dimension.floorDivide(value, number)) }
    if case .floorDivision(let inner, let by)? = rest.singleAtom, by.constant != nil {
      // Two divisions in turn are one by the product, unless that is too great a number.
      let product = by * divisor
      if !product.isOverflow { return whole + inner.floorDivided(by: product) }
    }
    return whole + Dimension(atom: .floorDivision(rest, divisor))
  }

  /// The quotient rounded towards plus infinity, for a positive divisor.
  public func ceilingDivided(by divisor: Dimension) -> Dimension { (self + divisor - 1).floorDivided(by: divisor) }

  /// The remainder of ``floorDivided(by:)``.
  public func modulo(_ divisor: Dimension) -> Dimension {
    if isOverflow || divisor.isOverflow { return .overflow }
    if divisor == 1 || self == 0 || self == divisor { return 0 }
    guard let number = divisor.constant else {
      return exactQuotient(by: divisor) == nil ? Dimension(atom: .modulo(self, divisor)) : 0
    }
    if number < 1 { return .overflow }
    if let value = constant { return Dimension(Dimension.remainder(value, number)) }
    let (_, rest) = split(by: number)
    if let value = rest.constant { return Dimension(Dimension.remainder(value, number)) }
    return Dimension(atom: .modulo(rest, divisor))
  }

  public static func minimum(_ a: Dimension, _ b: Dimension) -> Dimension {
    combine(a, b, numbers: Swift.min) { .minimum($0, $1) }
  }

  public static func maximum(_ a: Dimension, _ b: Dimension) -> Dimension {
    combine(a, b, numbers: Swift.max) { .maximum($0, $1) }
  }

  /// The extent that two broadcast axes give. A symbol is never assumed to be 1, nor assumed not to be: two different
  /// symbols give an atom, and whoever asks for it adds a guard.
  public static func broadcast(_ a: Dimension, _ b: Dimension) -> Dimension {
    if a.isOverflow || b.isOverflow { return .overflow }
    if a == b || b == 1 { return a }
    if a == 1 { return b }
    if a.constant != nil { return a }
    if b.constant != nil { return b }
    for (one, other) in [(a, b), (b, a)] {
      if case .broadcast(let x, let y)? = one.singleAtom, x == other || y == other { return one }
    }
    return compare(a, b) < 0 ? Dimension(atom: .broadcast(a, b)) : Dimension(atom: .broadcast(b, a))
  }

  /// The value for given symbols, nil where one is missing or a number overflows or is divided by zero.
  public func evaluate(_ values: (String) -> Int?) -> Int? {
    if isOverflow { return nil }
    var total = constantTerm
    for term in terms {
      var product = term.coefficient
      for atom in term.atoms {
        guard let value = atom.evaluate(values) else { return nil }
        let (next, overflow) = product.multipliedReportingOverflow(by: value)
        if overflow { return nil }
        product = next
      }
      let (next, overflow) = total.addingReportingOverflow(product)
      if overflow { return nil }
      total = next
    }
    return total
  }

  /// Replaces symbols by dimensions; symbols that the closure does not know stay.
  public func substituting(_ replacement: (String) -> Dimension?) -> Dimension {
    if terms.isEmpty || isOverflow { return self }
    var total = Dimension(constantTerm)
    for term in terms {
      var product = Dimension(term.coefficient)
      for atom in term.atoms { product = product * atom.substituting(replacement) }
      total = total + product
    }
    return total
  }

  /// The quotient rounded towards minus infinity, for a positive divisor.
  public static func floorDivide(_ a: Int, _ b: Int) -> Int { a % b < 0 ? a / b - 1 : a / b }

  /// The remainder that is never negative, for a positive divisor.
  static func remainder(_ a: Int, _ b: Int) -> Int { a % b < 0 ? a % b + b : a % b }

  private static func combine(
    _ a: Dimension, _ b: Dimension, numbers: (Int, Int) -> Int, atom: (Dimension, Dimension) -> Atom
  ) -> Dimension {
    if a.isOverflow || b.isOverflow { return .overflow }
    if a == b { return a }
    if let x = a.constant, let y = b.constant { return Dimension(numbers(x, y)) }
    // A constant difference decides which is the greater, whatever the symbols are.
    if let difference = (a - b).constant { return numbers(difference, 0) == difference ? a : b }
    return compare(a, b) < 0 ? Dimension(atom: atom(a, b)) : Dimension(atom: atom(b, a))
  }

  /// This as `number * whole + rest`, where no coefficient of `rest` is a multiple of `number`.
  func split(by number: Int) -> (whole: Dimension, rest: Dimension) {
    var whole: [Term] = []
    var rest: [Term] = []
    for term in terms {
      if term.coefficient % number == 0 {
        whole.append(Term(coefficient: term.coefficient / number, atoms: term.atoms))
      } else {
        rest.append(term)
      }
    }
    let quotient = Dimension.floorDivide(constantTerm, number)
    let remainder = Dimension.remainder(constantTerm, number)
    return (
      Dimension(constantTerm: quotient, merging: whole), Dimension(constantTerm: remainder, merging: rest)
    )
  }

  /// The two extents of which this is what they give when broadcast together.
  var broadcastParts: (Dimension, Dimension)? {
    if case .broadcast(let a, let b)? = singleAtom { (a, b) } else { nil }
  }

  var singleAtom: Atom? {
    constantTerm == 0 && terms.count == 1 && terms[0].coefficient == 1 && terms[0].atoms.count == 1
      ? terms[0].atoms[0] : nil
  }
}

extension Dimension.Atom {
  func evaluate(_ values: (String) -> Int?) -> Int? {
    switch self {
    case .symbol(let name): return values(name)
    case .floorDivision(let a, let b):
      guard let x = a.evaluate(values), let y = b.evaluate(values), y > 0 else { return nil }
      return Dimension.floorDivide(x, y)
    case .modulo(let a, let b):
      guard let x = a.evaluate(values), let y = b.evaluate(values), y > 0 else { return nil }
      return Dimension.remainder(x, y)
    case .minimum(let a, let b):
      guard let x = a.evaluate(values), let y = b.evaluate(values) else { return nil }
      return Swift.min(x, y)
    case .maximum(let a, let b):
      guard let x = a.evaluate(values), let y = b.evaluate(values) else { return nil }
      return Swift.max(x, y)
    case .broadcast(let a, let b):
      guard let x = a.evaluate(values), let y = b.evaluate(values) else { return nil }
      return x == 1 ? y : x
    }
  }

  func substituting(_ replacement: (String) -> Dimension?) -> Dimension {
    func inner(_ value: Dimension) -> Dimension { value.substituting(replacement) }
    switch self {
    case .symbol(let name): return replacement(name) ?? Dimension(symbol: name)
    case .floorDivision(let a, let b): return inner(a).floorDivided(by: inner(b))
    case .modulo(let a, let b): return inner(a).modulo(inner(b))
    case .minimum(let a, let b): return .minimum(inner(a), inner(b))
    case .maximum(let a, let b): return .maximum(inner(a), inner(b))
    case .broadcast(let a, let b): return .broadcast(inner(a), inner(b))
    }
  }
}
