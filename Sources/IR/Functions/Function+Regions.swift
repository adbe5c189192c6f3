// Regions that see nothing but their parameters, as functions of their own, so that a pass over a function is a pass over
// them too.

extension Function {
  /// A closed region as a function with the symbols of this one.
  public func function(of region: Region) -> Function {
    var made = Function(name: name, symbols: symbols)
    var values: [ValueID: ValueID] = [:]
    made.body = made.copy(region, from: self, &values)
    return made
  }

  /// Copies a region of another function. What it defines becomes new values of this one and is put into `values`, which
  /// says what values from outside the region have become.
  public mutating func copy(
    _ region: Region, from source: Function, _ values: inout [ValueID: ValueID]
  ) -> Region {
    var copied = Region()
    for id in region.parameters { copied.parameters.append(copy(id, from: source, &values)) }
    for operation in region.operations {
      var inner = operation
      inner.operands = operation.operands.map { $0.flatMap { values[$0] } }
      inner.regions = []
      for region in operation.regions { inner.regions.append(copy(region, from: source, &values)) }
      inner.results = []
      for id in operation.results { inner.results.append(copy(id, from: source, &values)) }
      copied.operations.append(inner)
    }
    copied.results = region.results.compactMap { values[$0] }
    return copied
  }

  private mutating func copy(_ id: ValueID, from source: Function, _ values: inout [ValueID: ValueID]) -> ValueID {
    let new = addValue(source.type(of: id), name: source[id].name)
    values[id] = new
    return new
  }
}

extension FunctionBuilder {
  /// The body of a function as a region for an operation of this one. Symbols that only it has are declared here.
  public mutating func embed(_ inner: Function) -> Region {
    for symbol in inner.symbols.symbols where function.symbols[symbol.name] == nil { function.symbols.declare(symbol) }
    var values: [ValueID: ValueID] = [:]
    return function.copy(inner.body, from: inner, &values)
  }
}
