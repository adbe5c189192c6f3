extension Dimension {
  /// A total order that is the same in every process, for the normal form: negative, zero or positive.
  /// Symbols stand before other atoms, by name, so that `batch*h` prints as people write it.
  static func compare(_ a: Dimension, _ b: Dimension) -> Int {
    if a.isOverflow != b.isOverflow { return a.isOverflow ? 1 : -1 }
    for (x, y) in zip(a.terms, b.terms) {
      let order = compare(x.atoms, y.atoms)
      if order != 0 { return order }
      if x.coefficient != y.coefficient { return x.coefficient < y.coefficient ? -1 : 1 }
    }
    if a.terms.count != b.terms.count { return a.terms.count < b.terms.count ? -1 : 1 }
    return a.constantTerm == b.constantTerm ? 0 : a.constantTerm < b.constantTerm ? -1 : 1
  }

  /// Products in lexical order, a part before the whole.
  static func compare(_ a: [Atom], _ b: [Atom]) -> Int {
    for (x, y) in zip(a, b) {
      let order = compare(x, y)
      if order != 0 { return order }
    }
    return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
  }

  static func compare(_ a: Atom, _ b: Atom) -> Int {
    if case .symbol(let x) = a, case .symbol(let y) = b { return x == y ? 0 : x < y ? -1 : 1 }
    if a.kind != b.kind { return a.kind < b.kind ? -1 : 1 }
    guard let (p, q) = a.operands, let (r, s) = b.operands else { return 0 }
    let order = compare(p, r)
    return order != 0 ? order : compare(q, s)
  }
}

extension Dimension.Atom {
  fileprivate var kind: Int {
    switch self {
    case .symbol: 0
    case .floorDivision: 1
    case .modulo: 2
    case .minimum: 3
    case .maximum: 4
    case .broadcast: 5
    }
  }

  /// The dimensions it is made of; nil for a symbol.
  var operands: (Dimension, Dimension)? {
    switch self {
    case .symbol: nil
    case .floorDivision(let a, let b), .modulo(let a, let b), .minimum(let a, let b), .maximum(let a, let b),
      .broadcast(let a, let b):
      (a, b)
    }
  }
}
