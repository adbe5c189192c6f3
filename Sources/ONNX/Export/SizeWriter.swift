import TensorIR
import TensorOps

/// Writes the nodes that work out a size while the model runs: an i64 tensor of one element.
struct SizeWriter {
  let graph: GraphWriter

  func write(_ dimension: Dimension) throws -> String {
    if dimension.isOverflow { throw Diagnostic("onnx-export", "a size does not fit in 64 bits") }
    if let number = dimension.constant { return try constant(number) }
    if let symbol = dimension.symbolName { return try find(symbol) }
    var sum: String?
    for term in dimension.terms {
      let product = try self.product(term)
      sum = try sum.map { try graph.put("Add", [$0, product]) } ?? product
    }
    guard let sum else { return try constant(dimension.constantTerm) }
    return dimension.constantTerm == 0 ? sum : try graph.put("Add", [sum, try constant(dimension.constantTerm)])
  }

  private func constant(_ number: Int) throws -> String {
    guard let literal = TensorLiteral.integers([number]) else {
      throw Diagnostic("internal", "no literal of \(number)")
    }
    return try graph.names.initializer(literal, name: "size")
  }

  private func find(_ symbol: String) throws -> String {
    switch try graph.source(of: symbol) {
    case .scalar(let value):
      return try graph.put("Reshape", [value, try constant(1)])
    case .extent(let value, let axis, let factor, let offset):
      var found = try graph.put("Shape", [value], ["start": .int(axis), "end": .int(axis + 1)])
      if offset != 0 { found = try graph.put("Sub", [found, try constant(offset)]) }
      return factor == 1 ? found : try graph.put("Div", [found, try constant(factor)])
    }
  }

  private func product(_ term: Dimension.Term) throws -> String {
    var product: String?
    if term.coefficient != 1 || term.atoms.isEmpty { product = try constant(term.coefficient) }
    for atom in term.atoms {
      let factor = try write(atom)
      product = try product.map { try graph.put("Mul", [$0, factor]) } ?? factor
    }
    return try product ?? constant(1)
  }

  private func write(_ atom: Dimension.Atom) throws -> String {
    switch atom {
    case .symbol(let name): return try graph.size(Dimension(symbol: name))
    case .floorDivision(let a, let b):
      // ONNX's `Div` rounds towards zero; what is left over by `Mod` has the divisor's sign.
      let (x, y) = (try graph.size(a), try graph.size(b))
      return try graph.put("Div", [try graph.put("Sub", [x, try graph.put("Mod", [x, y])]), y])
    case .modulo(let a, let b): return try graph.put("Mod", [try graph.size(a), try graph.size(b)])
    case .minimum(let a, let b): return try graph.put("Min", [try graph.size(a), try graph.size(b)])
    case .maximum(let a, let b): return try graph.put("Max", [try graph.size(a), try graph.size(b)])
    case .broadcast(let a, let b):
      let (x, y) = (try graph.size(a), try graph.size(b))
      return try graph.put("Where", [try graph.put("Equal", [x, try constant(1)]), y, x])
    }
  }
}
