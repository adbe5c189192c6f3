/// Appends operations to a function, inferring and checking the type of each result as it goes.
///
/// Passes make a new function with a builder rather than edit one in place: what is not carried over is gone.
public struct FunctionBuilder: Sendable {
  public var function: Function
  /// The regions being filled, innermost last; empty while the function's own body is.
  private var open: [Region] = []
  /// The mark of the operations to come.
  public var checkpoint: CheckpointMark?

  public init(name: String, symbols: SymbolTable = SymbolTable()) {
    function = Function(name: name, symbols: symbols)
  }

  /// Starts a function with the same name, symbols and donations as another one.
  public init(like other: Function) {
    function = Function(name: other.name, symbols: other.symbols)
    function.resultNames = other.resultNames
    function.donations = other.donations
  }

  public func type(of id: ValueID) -> TensorType { function.type(of: id) }

  /// Adds a parameter; declares the symbols in its type of which nothing is known yet.
  public mutating func parameter(_ type: TensorType, name: String) -> ValueID {
    for symbol in type.shape.flatMap(\.symbols) where function.symbols[symbol] == nil {
      function.symbols.declare(Symbol(symbol))
    }
    return function.addParameter(type, name: name)
  }

  /// Adds an operation; throws the op's diagnostic, placed at `location`, where its operands do not fit.
  public mutating func add(
    _ op: any Op, _ operands: [ValueID?], regions: [Region] = [], at location: Location = .unknown,
    names: [String] = [], layouts: [Layout] = []
  ) throws -> [ValueID] {
    let inferred: InferredTypes
    do {
      inferred = try function.inferTypes(of: op, operands, regions: regions)
    } catch let diagnostic as Diagnostic {
      throw diagnostic.located(at: location)
    }
    function.symbols = inferred.symbols
    let results = inferred.types.enumerated().map { index, type in
      let placed = index < layouts.count ? type.with(layout: layouts[index]) : type
      return function.addValue(placed, name: index < names.count ? names[index] : "")
    }
    var operation = Operation(op, operands, results: results, regions: regions, location: location)
    operation.guards = inferred.guards(at: location)
    operation.checkpoint = checkpoint
    append(operation)
    return results
  }

  /// Adds an operation whose result types are known, values already made.
  public mutating func append(_ operation: Operation) {
    if open.isEmpty {
      function.body.operations.append(operation)
    } else {
      open[open.count - 1].operations.append(operation)
    }
  }

  /// Has more checked before the operation that was added last to the function's body; nothing if there is none.
  public mutating func addGuards(_ guards: [InferenceContext.Guard]) {
    guard let last = function.body.operations.indices.last else { return }
    function.body.operations[last].guards = function.body.operations[last].guards.adding(guards)
  }

  /// A region of another function as one of this: its values made anew, those from outside replaced as `values` says.
  public mutating func copy(
    _ region: Region, from source: Function, _ values: [ValueID: ValueID] = [:]
  ) -> Region {
    var values = values
    func fresh(_ id: ValueID) -> ValueID {
      let new = function.addValue(source.type(of: id), name: source[id].name)
      values[id] = new
      return new
    }
    var copied = Region()
    copied.parameters = region.parameters.map(fresh)
    for operation in region.operations {
      var inner = operation
      inner.operands = operation.operands.map { $0.flatMap { values[$0] } }
      inner.regions = operation.regions.map { copy($0, from: source, values) }
      inner.results = operation.results.map(fresh)
      copied.operations.append(inner)
    }
    copied.results = region.results.compactMap { values[$0] }
    return copied
  }

  /// Starts a region; operations go into it until ``endRegion(results:)``.
  public mutating func beginRegion(parameters types: [TensorType], names: [String] = []) -> [ValueID] {
    var region = Region()
    for (index, type) in types.enumerated() {
      region.parameters.append(function.addValue(type, name: index < names.count ? names[index] : ""))
    }
    open.append(region)
    return region.parameters
  }

  public mutating func endRegion(results: [ValueID]) -> Region {
    var region = open.removeLast()
    region.results = results
    return region
  }

  /// Ends the function with its results.
  public mutating func finish(_ results: [ValueID], names: [String] = []) -> Function {
    function.body.results = results
    if !names.isEmpty { function.resultNames = names }
    return function
  }

  /// Stands for an operand that is left out; rank 0 of bool, which no op takes by accident.
  public static let absent = TensorType(.bool, [])
}
