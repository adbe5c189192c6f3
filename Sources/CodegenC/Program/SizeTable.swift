import TensorIR

/// The numbers of a call that follow from its inputs' dimensions: symbols, and each polynomial over them that a step
/// needs, computed once before the kernels. In C they are the members of one struct.
struct SizeTable {
  /// The members for symbols, by the symbols' names.
  private(set) var symbolMembers: [String: String] = [:]
  /// The polynomials with a member of their own, in order of first use.
  private(set) var derived: [(dimension: Dimension, member: String)] = []
  private var members: [Dimension: String] = [:]
  private var names = CNames(reserved: ["work"])

  init(_ symbols: [Symbol]) {
    for (number, symbol) in symbols.enumerated() {
      symbolMembers[symbol.name] = names.declare(symbol.name, number: number)
    }
  }

  /// How the value is written where `s` points at the struct.
  mutating func reference(_ dimension: Dimension) -> String {
    if let value = dimension.constant { return CLiteral.index(value) }
    if let symbol = dimension.symbolName { return symbolReference(symbol) }
    if let known = members[dimension] { return "s->\(known)" }
    let member = names.declare("size_\(derived.count)", number: 0)
    derived.append((dimension, member))
    members[dimension] = member
    return "s->\(member)"
  }

  /// The same for a dimension that is in the table by now.
  func knownReference(_ dimension: Dimension) -> String {
    var copy = self
    return copy.reference(dimension)
  }

  func symbolReference(_ name: String) -> String { "s->\(symbolMembers[name] ?? CNames.identifier(name))" }

  /// A free name in the struct.
  mutating func member(_ name: String) -> String { names.declare(name, number: 0) }

  /// C that computes the dimension with checked arithmetic; `overflow` is the name of an int, `counters` the variables of
  /// symbols that are no members.
  func formula(
    _ dimension: Dimension, overflow: String = "overflow", counters: [String: String] = [:]
  ) -> String {
    if dimension.terms.isEmpty { return CLiteral.index(dimension.constantTerm) }
    var parts = dimension.terms.map { term in
      let atoms = term.atoms.map { formula($0, overflow, counters) }
      let factors = term.coefficient == 1 ? atoms : [CLiteral.index(term.coefficient)] + atoms
      return fold("tc_times", factors, overflow)
    }
    if dimension.constantTerm != 0 { parts.append(CLiteral.index(dimension.constantTerm)) }
    return fold("tc_plus", parts, overflow)
  }

  private func fold(_ function: String, _ parts: [String], _ overflow: String) -> String {
    parts.dropFirst().reduce(parts[0]) { "\(function)(\($0), \($1), &\(overflow))" }
  }

  private func formula(_ atom: Dimension.Atom, _ overflow: String, _ counters: [String: String]) -> String {
    func call(_ function: String, _ a: Dimension, _ b: Dimension) -> String {
      let (x, y) = (
        formula(a, overflow: overflow, counters: counters), formula(b, overflow: overflow, counters: counters)
      )
      return "\(function)(\(x), \(y))"
    }
    switch atom {
    case .symbol(let name): return counters[name] ?? symbolReference(name)
    case .floorDivision(let a, let b): return call("tc_floordiv", a, b)
    case .modulo(let a, let b): return call("tc_mod", a, b)
    case .minimum(let a, let b): return call("tc_lesser", a, b)
    case .maximum(let a, let b): return call("tc_greater", a, b)
    case .broadcast(let a, let b): return call("tc_broadcast", a, b)
    }
  }
}

/// Where a symbol comes from when no input has it as a plain dimension: the polynomial of one is solved for it.
struct SymbolSolution {
  var symbol: String
  var input: Int
  var axis: Int
  var factor: Dimension
  var rest: Dimension

  /// The solutions in the order in which they can be computed, and the symbols that no input determines.
  static func find(for symbols: [String], inputs: [Value]) -> (solutions: [SymbolSolution], unknown: [String]) {
    var unknown = symbols.filter { name in
      !inputs.contains { $0.type.shape.contains { $0.symbolName == name } }
    }
    var solutions: [SymbolSolution] = []
    var progress = true
    while progress {
      progress = false
      for (input, value) in inputs.enumerated() {
        for (axis, dimension) in value.type.shape.enumerated() {
          let missing = dimension.symbols.filter(unknown.contains)
          guard missing.count == 1, let name = missing.first, let parts = split(dimension, by: name) else { continue }
          solutions.append(
            SymbolSolution(symbol: name, input: input, axis: axis, factor: parts.factor, rest: parts.rest))
          unknown.removeAll { $0 == name }
          progress = true
        }
      }
    }
    return (solutions, unknown)
  }

  /// The dimension as factor·symbol + rest, where neither holds the symbol.
  private static func split(_ dimension: Dimension, by name: String) -> (factor: Dimension, rest: Dimension)? {
    let rest = dimension.substituting { $0 == name ? 0 : nil }
    let sum = dimension.substituting { $0 == name ? 1 : nil }
    let factor = sum - rest
    // Only where this gives the dimension back was it linear.
    guard factor * Dimension(symbol: name) + rest == dimension else { return nil }
    return (factor, rest)
  }
}
