import TensorIR

extension If {
  /// The gradient of the branch that was taken: another `if`, whose regions compute their branch again and pull through it.
  public func differentiate(
    _ operation: Operation, of function: Function, _ operands: [Tensor]
  ) throws -> Differentiated {
    let trace = try trace(of: operands)
    let bodies = operation.regions.map { function.function(of: $0) }
    let results = try trace.add(self, operands, bodies: bodies, at: operation.location)
    let used = Array(operands.dropFirst())
    let wanted = used.indices.filter { used[$0].elementType.isFloat }
    return Differentiated(results) { cotangents in
      let given = cotangents.indices.filter { cotangents[$0] != nil }
      let seeds = given.compactMap { cotangents[$0] }
      guard !wanted.isEmpty, !seeds.isEmpty else { return operands.map { _ in nil } }
      var symbols = trace.symbols
      let pulls = try Composition.apart {
        try bodies.map { body in
          try If.pull(body, used.map(\.type), seeds.map(\.type), given, wanted, trace.symbols)
            .renamingSizes(apartFrom: &symbols)
        }
      }
      let found = try trace.add(If(), [operands[0]] + used + seeds, bodies: pulls, at: operation.location)
      var gradients = [Tensor?](repeating: nil, count: operands.count)
      for (place, gradient) in zip(wanted, found) { gradients[1 + place] = gradient }
      return gradients
    }
  }

  /// The function from what a branch takes and the cotangents of some of its results to those of some of its parameters.
  private static func pull(
    _ body: Function, _ types: [TensorType], _ seeds: [TensorType], _ given: [Int], _ wanted: [Int],
    _ symbols: SymbolTable
  ) throws -> Function {
    let trace = TraceRecorder(name: "pull", symbols: symbols)
    let parameters = types.map { trace.parameter($0) }
    var cotangents = [Tensor?](repeating: nil, count: body.body.results.count)
    let incoming = seeds.map { trace.parameter($0) }
    let tape = try Gradient.Tape(body, present: parameters)
    // Where the branches differ in an extent, that of the result is the branch's own here.
    for (place, seed) in zip(given, incoming) { cotangents[place] = seed.shaped(like: tape.results[place]) }
    let found = try tape.pull(cotangents)
    return try trace.finish(
      wanted.map { found[$0]?.shaped(like: parameters[$0]) ?? parameters[$0].full(0, parameters[$0].shape) })
  }
}
