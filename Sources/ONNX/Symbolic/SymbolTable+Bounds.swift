import TensorIR

/// The lesser and the greater of dimensions, without an atom where what is known of the symbols decides.
extension SymbolTable {
  func minimum(_ a: Dimension, _ b: Dimension) -> Dimension {
    if isAtMost(a, b) == .yes { return a }
    if isAtMost(b, a) == .yes { return b }
    return .minimum(a, b)
  }

  func maximum(_ a: Dimension, _ b: Dimension) -> Dimension {
    if isAtMost(a, b) == .yes { return b }
    if isAtMost(b, a) == .yes { return a }
    return .maximum(a, b)
  }

  /// Whether a dimension can be no less than 0.
  func isNatural(_ dimension: Dimension) -> Bool { isAtMost(0, dimension) == .yes }

  /// The quotient rounded down; a divisor that could be 0 counts as 1 then, for its quotient is not used.
  func quotient(_ a: Dimension, _ b: Dimension) -> Dimension {
    if let exact = a.exactQuotient(by: b) { return exact }
    return a.floorDivided(by: maximum(b, 1))
  }
}
