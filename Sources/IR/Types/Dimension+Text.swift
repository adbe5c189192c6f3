extension Dimension: CustomStringConvertible {
  /// The text form, which the parser reads back: `2*batch*h + 3`, `floordiv(h + 1, 2)`.
  public var description: String {
    if isOverflow { return "overflow" }
    if terms.isEmpty { return String(constantTerm) }
    var text = ""
    for term in terms {
      let negative = term.coefficient < 0
      if text.isEmpty { text += negative ? "-" : "" } else { text += negative ? " - " : " + " }
      var factors = term.atoms.map(\.description)
      if term.coefficient.magnitude != 1 { factors.insert(String(term.coefficient.magnitude), at: 0) }
      text += factors.joined(separator: "*")
    }
    if constantTerm != 0 { text += (constantTerm < 0 ? " - " : " + ") + String(constantTerm.magnitude) }
    return text
  }

  /// Whether it begins with a minus, so that it is better subtracted than added.
  public var isNegated: Bool { terms.first.map { $0.coefficient < 0 } ?? (constantTerm < 0) }

  /// Whether the name needs no quotes in the text form.
  static func isPlainName(_ name: String) -> Bool {
    let words = ["floordiv", "mod", "min", "max", "broadcast", "overflow", "in", "divisible"]
    return !words.contains(name) && TextForm.isWord(name, points: false)
  }
}

extension Dimension.Atom: CustomStringConvertible {
  public var description: String {
    switch self {
    case .symbol(let name): Dimension.isPlainName(name) ? name : TextForm.quote(name)
    case .floorDivision(let a, let b): "floordiv(\(a), \(b))"
    case .modulo(let a, let b): "mod(\(a), \(b))"
    case .minimum(let a, let b): "min(\(a), \(b))"
    case .maximum(let a, let b): "max(\(a), \(b))"
    case .broadcast(let a, let b): "broadcast(\(a), \(b))"
    }
  }
}
