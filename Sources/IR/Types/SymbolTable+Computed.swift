/// Sizes that a run finds, bounded by those that a call gives.
extension SymbolTable {
  /// Which bound is asked for.
  public enum Extreme: Sendable {
    case least, most
    var opposite: Extreme { self == .least ? .most : .least }
  }

  public var hasComputed: Bool { symbols.contains(where: \.isComputed) }

  /// Whether a run must have found something before the dimension has a value.
  public func holdsComputed(_ dimension: Dimension) -> Bool {
    hasComputed && dimension.symbols.contains { self[$0]?.isComputed ?? false }
  }

  /// What a dimension is at most, in the sizes that a call gives; nil where no bound is known.
  public func bound(of dimension: Dimension) -> Dimension? {
    holdsComputed(dimension) ? withoutComputed(dimension, .most) : dimension
  }

  /// The type with the largest extents that it can have; nil where there is no bound.
  public func bound(of type: TensorType) -> TensorType? {
    let shape = type.shape.compactMap { bound(of: $0) }
    return shape.count == type.rank ? type.with(shape: shape) : nil
  }

  /// A bound of a dimension over all that a run may find, in the sizes that a call gives; nil where none is known.
  func withoutComputed(_ dimension: Dimension, _ extreme: Extreme) -> Dimension? {
    if dimension.isOverflow { return nil }
    if !holdsComputed(dimension) { return dimension }
    var sum = Dimension(dimension.constantTerm)
    for term in dimension.terms {
      let wanted = term.coefficient > 0 ? extreme : extreme.opposite
      // Bounds multiply where no factor is negative.
      if term.atoms.count > 1, term.atoms.contains(where: { (range(of: Dimension(atom: $0)).lower ?? -1) < 0 }) {
        return nil
      }
      var product = Dimension(term.coefficient)
      for atom in term.atoms {
        guard let bound = withoutComputed(atom, wanted) else { return nil }
        product = product * bound
      }
      sum = sum + product
    }
    return sum
  }

  private func withoutComputed(_ atom: Dimension.Atom, _ extreme: Extreme) -> Dimension? {
    switch atom {
    case .symbol(let name):
      guard let symbol = self[name], symbol.isComputed else { return Dimension(atom: atom) }
      if extreme == .least { return Dimension(symbol.minimum) }
      return symbol.bound.flatMap { withoutComputed($0, .most) } ?? symbol.maximum.map { Dimension($0) }
    case .floorDivision(let a, let b): return quotient(a, b, extreme)
    case .modulo(let a, let b):
      if extreme == .least { return 0 }
      return holdsComputed(a) || holdsComputed(b)
        ? withoutComputed(b, .most).map { .maximum($0 - 1, 0) } : Dimension(atom: atom)
    case .minimum(let a, let b):
      let (x, y) = (withoutComputed(a, extreme), withoutComputed(b, extreme))
      if let x, let y { return .minimum(x, y) }
      return extreme == .most ? x ?? y : nil
    case .maximum(let a, let b):
      let (x, y) = (withoutComputed(a, extreme), withoutComputed(b, extreme))
      if let x, let y { return .maximum(x, y) }
      return extreme == .least ? x ?? y : nil
    case .broadcast(let a, let b):
      guard let x = withoutComputed(a, extreme), let y = withoutComputed(b, extreme) else { return nil }
      return extreme == .most ? .maximum(x, y) : .minimum(x, y)
    }
  }

  private func quotient(_ a: Dimension, _ b: Dimension, _ extreme: Extreme) -> Dimension? {
    let isPositive = (range(of: a).lower ?? -1) >= 0
    guard let bound = withoutComputed(a, extreme) else { return isPositive && extreme == .least ? 0 : nil }
    if !holdsComputed(b) { return bound.floorDivided(by: b) }
    // Divided by something that is not known it is between nothing and all of it.
    guard isPositive else { return nil }
    return extreme == .most ? bound : 0
  }

  /// The first computed symbol whose bound is made of something else than what is declared before it.
  var unfoundedBound: Symbol? {
    for (index, symbol) in symbols.enumerated() {
      guard let bound = symbol.bound else { continue }
      let isFounded = bound.symbols.allSatisfy { name in
        symbols[..<index].contains { $0.name == name }
          || symbols[index...].contains { $0.name == name && !$0.isComputed && $0.bound == nil }
      }
      if !isFounded || bound.holdsOverflow || !symbol.isComputed { return symbol }
    }
    return nil
  }
}
