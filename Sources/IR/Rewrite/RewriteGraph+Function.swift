extension Function {
  /// Takes out of the table the computed sizes that no operation finds any more.
  mutating func forgetUndefinedSizes() {
    var defined: Set<String> = []
    forEachOperation { defined.formUnion($0.op.definedSizes + $0.op.regionSizes) }
    for case let bound? in symbols.symbols.map(\.bound) { defined.formUnion(bound.symbols) }
    symbols = SymbolTable(symbols.symbols.filter { !$0.isComputed || defined.contains($0.name) })
  }
}

extension RewriteGraph {
  /// The graph as a function, with its values numbered in order of definition.
  public func makeFunction() -> Function {
    var result = Function(name: function.name, symbols: function.symbols)
    result.resultNames = function.resultNames
    result.donations = function.donations
    var numbers: [ValueID: ValueID] = [:]
    func define(_ id: ValueID) -> ValueID {
      let new = result.addValue(function.type(of: id), name: function[id].name)
      numbers[id] = new
      return new
    }
    func region(_ block: Int) -> Region {
      var made = Region()
      made.parameters = blocks[block].parameters.map(define)
      var current = blocks[block].first
      while let node = current {
        var operation = nodes[node].operation
        operation.operands = operation.operands.map { $0.flatMap { numbers[$0] } }
        operation.regions = nodes[node].inner.map(region)
        operation.results = operation.results.map(define)
        made.operations.append(operation)
        current = nodes[node].next
      }
      made.results = blocks[block].results.compactMap { numbers[$0] }
      return made
    }
    result.body = region(0)
    if result.symbols.hasComputed { result.forgetUndefinedSizes() }
    return result
  }

  /// What an op infers of values of the graph.
  func inferTypes(of op: any Op, _ operands: [ValueID?]) throws -> InferredTypes {
    try function.inferTypes(of: op, operands, regions: [])
  }

  /// Removes every operation that nothing uses. Returns how many.
  @discardableResult
  public func dropUnused() -> Int {
    var count = 0
    for node in order.reversed() where eraseIfUnused(node) { count += 1 }
    return count
  }
}
