import TensorIR

/// Records tensor operations into a function: tracing, pullbacks, decompositions.
public final class TraceRecorder: Recorder {
  public private(set) var builder: FunctionBuilder
  /// What went wrong so far.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The place given to all operations while it is known, before the places that they come with.
  public var location: Location = .unknown

  /// Whether tensors of other recorders become parameters; otherwise they become constants, if their values are known.
  private let capturesForeign: Bool
  /// The tensors of other recorders that became parameters, behind the declared ones, in order.
  public private(set) var captures: [Tensor] = []
  /// What tensors of other recorders have become here.
  private var adopted: [ForeignTensor: Tensor] = [:]

  /// The numbers of the operations that make values, of the first so many.
  private var makers: [ValueID: Int] = [:]
  private var noted = 0

  /// Those that became constants.
  private var foreign: [Tensor] = []

  private struct ForeignTensor: Hashable {
    var recorder: ObjectIdentifier
    var id: Int
  }

  /// - Parameter outer: the recorder around this trace, whose tensors it captures; nil where there is none.
  public init(name: String, symbols: SymbolTable = SymbolTable(), capturingFrom outer: (any Recorder)? = nil) {
    capturesForeign = outer != nil
    // A trace around this one that is seen only later, through a tensor, still comes behind it.
    precedence = outer.map { $0.precedence + 2 } ?? 1
    builder = FunctionBuilder(name: name, symbols: symbols)
  }

  public init(like function: Function) {
    capturesForeign = false
    precedence = 1
    builder = FunctionBuilder(like: function)
  }

  public let precedence: Int

  public var symbols: SymbolTable { builder.function.symbols }

  public func type(of id: Int) -> TensorType { builder.type(of: ValueID(id)) }

  /// Adds a parameter of the function.
  public func parameter(_ type: TensorType, name: String = "") -> Tensor {
    Tensor(self, builder.parameter(type, name: name).index)
  }

  public func record(_ op: any TensorOp, _ operands: [Tensor], at place: Location) -> [Tensor] {
    do { return try add(op, operands, at: place) } catch {
      // Later operations ignore poison; the first message says what went wrong.
      let diagnostic = error as? Diagnostic ?? Diagnostic("internal", "\(error)")
      if diagnostic.id != "poison" { diagnostics.append(diagnostic) }
      return Swift.type(of: op).failed(Tensor(self, -1))
    }
  }

  /// Records an operation or throws what is wrong with it.
  /// - Parameter bodies: its closed regions, as functions.
  public func add(
    _ op: any TensorOp, _ operands: [Tensor], bodies: [Function] = [], at place: Location = .unknown,
    names: [String] = []
  ) throws -> [Tensor] {
    let ids = try operands.map { operand -> ValueID? in
      if operand.isAbsent { return nil }
      if operand.isPoison && operand.recorder === self { throw Diagnostic("poison", "") }
      return ValueID(try adopt(operand).id)
    }
    let regions = bodies.map { builder.embed($0) }
    let location = self.location == .unknown ? place : self.location
    let results = try builder.add(op, ids, regions: regions, at: location, names: names).map { Tensor(self, $0.index) }
    // What stands in regions is rounded there; their results are as precise as can be.
    if bodies.isEmpty { Composition.note(op, operands, results, at: location) }
    return results
  }

  /// Takes out the operations all of whose results are among those values.
  public func forget(_ ids: Set<Int>) {
    guard let first = ids.min() else { return }
    var operations = builder.function.body.operations
    let start = operations.lastIndex { ($0.results.first?.index ?? 0) < first }.map { $0 + 1 } ?? 0
    operations[start...].removeAll { $0.results.allSatisfy { ids.contains($0.index) } }
    builder.function.body.operations = operations
    (makers, noted) = ([:], 0)
  }

  /// A tensor as one of this trace.
  /// - Throws: `foreign-tensor` for one of another trace.
  public func adopt(_ tensor: Tensor) throws -> Tensor {
    guard let recorder = tensor.recorder, recorder !== self else { return tensor }
    let key = ForeignTensor(recorder: ObjectIdentifier(recorder), id: tensor.id)
    if let known = adopted[key] { return known }
    let result: Tensor
    if capturesForeign, !tensor.isPoison {
      result = parameter(tensor.type)
      // Kept, so that the number of a tensor that is let go does not pass to another.
      captures.append(tensor)
    } else if let value = try recorder.literal(of: tensor.id) {
      result = Tensor(self, try builder.add(Constant(value), [], at: location)[0].index)
      foreign.append(tensor)
    } else {
      throw Diagnostic("foreign-tensor", "a tensor of another trace is used in '\(builder.function.name)'")
    }
    adopted[key] = result
    return result
  }

  /// Appends an operation of another function as it is, operands replaced; for passes. Its regions use nothing from outside.
  public func copy(_ operation: Operation, from source: Function, operands: [ValueID?]) throws -> [ValueID] {
    let regions = operation.regions.map { builder.copy($0, from: source) }
    let results = try builder.add(
      operation.op, operands, regions: regions, at: operation.location,
      names: operation.results.map { source[$0].name }, layouts: operation.results.map { source.type(of: $0).layout })
    addGuards(operation.guards)
    return results
  }

  /// Has more checked before the operation that was recorded last: what an operation required that is now something else.
  public func addGuards(_ guards: [InferenceContext.Guard]) { builder.addGuards(guards) }

  /// Declares a symbol for a size that the run finds.
  public func declare(_ symbol: Symbol) { builder.function.symbols.declare(symbol) }

  /// The operation that makes a value; nil for a parameter.
  public func maker(of tensor: Tensor) -> Operation? {
    noteMakers()
    return makers[ValueID(max(tensor.id, 0))].map { builder.function.body.operations[$0] }
  }

  /// Looks at the operations that were recorded since.
  private func noteMakers() {
    let operations = builder.function.body.operations
    // What was forgotten made place for others.
    if noted > operations.count { (makers, noted) = ([:], 0) }
    for index in noted..<operations.count { for id in operations[index].results { makers[id] = index } }
    noted = operations.count
  }

  /// How many operations have been recorded.
  public var operationCount: Int { builder.function.body.operations.count }

  /// No longer requires of the operations recorded since that extents are not negative. Within a decomposition they may be, where
  /// the result has no elements; what the user sees has been held to it.
  public func allowNegativeExtents(since first: Int) {
    for index in builder.function.body.operations.indices.dropFirst(first) {
      builder.function.body.operations[index].guards.removeAll(where: \.isOfExtent)
    }
  }

  public func setName(_ name: String, of tensor: Tensor) {
    if tensor.id >= 0 { builder.function[ValueID(tensor.id)].name = name }
  }

  /// Ends the trace; throws all that went wrong in it.
  public func finish(_ results: [Tensor], names: [String] = []) throws -> Function {
    if !diagnostics.isEmpty { throw Diagnostics(diagnostics) }
    let results = try results.map { $0.isPoison || $0.isAbsent ? $0 : try adopt($0) }
    guard results.allSatisfy({ $0.id >= 0 && $0.recorder === self }) else {
      throw Diagnostic("foreign-tensor", "a result does not belong to this trace")
    }
    return builder.finish(results.map { ValueID($0.id) }, names: names)
  }
}
