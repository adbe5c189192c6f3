import TensorIR

extension Function {
  /// The function with symbols replaced in its types, attributes and guards. What it declares stays as it is.
  public func substituting(_ replacement: (String) -> Dimension?) throws -> Function {
    var made = self
    for index in values.indices {
      made[ValueID(index)].type = values[index].type.substituting(replacement)
    }
    made.body = try Function.substituting(body, replacement)
    return made
  }

  private static func substituting(_ region: Region, _ replacement: (String) -> Dimension?) throws -> Region {
    var made = region
    made.operations = try region.operations.map { operation in
      var own = operation
      own.op = try operation.op.substituting(replacement)
      own.regions = try operation.regions.map { try substituting($0, replacement) }
      for index in own.guards.indices {
        own.guards[index].condition = own.guards[index].condition.substituting(replacement)
      }
      return own
    }
    return made
  }

  /// The function with names of their own for the sizes that it finds, which a table is told of: what is computed once more
  /// finds them once more, and a size is defined once.
  func renamingSizes(apartFrom table: inout SymbolTable) throws -> Function {
    var found: Set<String> = []
    forEachOperation { found.formUnion($0.op.definedSizes + $0.op.regionSizes) }
    if found.isEmpty { return self }
    var (made, names) = (self, [String: Dimension]())
    // In the order of the table, for a bound is made of symbols before it.
    for var symbol in symbols.symbols where found.contains(symbol.name) {
      var taken = table
      for other in made.symbols.symbols where other.name != symbol.name { taken.declare(other) }
      let old = symbol.name
      symbol.name = taken.freshName(old)
      symbol.bound = symbol.bound?.substituting { names[$0] }
      names[old] = Dimension(symbol: symbol.name)
      made.symbols.declare(symbol)
      table.declare(symbol)
    }
    return try made.substituting { names[$0] }
  }
}
