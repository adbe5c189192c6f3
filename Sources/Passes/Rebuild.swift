import TensorIR
import TensorOps

/// Copies a function operation by operation while a pass decides what becomes of each.
struct Rebuild {
  let source: Function
  var builder: FunctionBuilder
  /// What the values of the source have become.
  private(set) var values: [ValueID: ValueID] = [:]

  init(_ source: Function) {
    self.source = source
    builder = FunctionBuilder(like: source)
    for parameter in source.body.parameters {
      values[parameter] = builder.parameter(source.type(of: parameter), name: source[parameter].name)
    }
  }

  func operands(_ operation: Operation) -> [ValueID?] { operation.operands.map { $0.flatMap { values[$0] } } }

  mutating func set(_ old: ValueID, to new: ValueID) { values[old] = new }

  /// Copies an operation with its types as they are.
  mutating func copy(_ operation: Operation) { copy(operation, regions: operation.regions.map { copy($0) }) }

  /// Copies an operation that has got other regions, which are made of values of the new function.
  mutating func copy(_ operation: Operation, regions: [Region]) {
    var copied = operation
    copied.operands = operands(operation)
    copied.results = operation.results.map { fresh($0) }
    copied.regions = regions
    builder.append(copied)
  }

  private mutating func copy(_ region: Region) -> Region {
    self.region(region.operations, leaves: region.parameters, results: region.results)
  }

  /// Copies operations into a region whose parameters stand for `leaves`. Outside it, the leaves stay what they were.
  mutating func region(_ operations: [Operation], leaves: [ValueID], results: [ValueID]) -> Region {
    let outside = values
    defer { values = outside }
    var copied = Region()
    copied.parameters = leaves.map { fresh($0) }
    for operation in operations {
      var inner = operation
      inner.operands = operands(operation)
      inner.results = operation.results.map { fresh($0) }
      inner.regions = operation.regions.map { copy($0) }
      copied.operations.append(inner)
    }
    copied.results = results.compactMap { values[$0] }
    return copied
  }

  /// Copies the operations of another function to where this one has come; gives what its results have become.
  mutating func inline(_ inner: Function, _ arguments: [ValueID]) -> [ValueID] {
    var values = Dictionary(uniqueKeysWithValues: zip(inner.body.parameters, arguments))
    for symbol in inner.symbols.symbols where builder.function.symbols[symbol.name] == nil {
      builder.function.symbols.declare(symbol)
    }
    var region = inner.body
    region.parameters = []
    let copied = builder.function.copy(region, from: inner, &values)
    copied.operations.forEach { builder.append($0) }
    return copied.results
  }

  private mutating func fresh(_ id: ValueID) -> ValueID {
    let new = builder.function.addValue(source.type(of: id), name: source[id].name)
    values[id] = new
    return new
  }

  mutating func finish() -> Function {
    builder.finish(source.body.results.compactMap { values[$0] }, names: source.resultNames)
  }
}
