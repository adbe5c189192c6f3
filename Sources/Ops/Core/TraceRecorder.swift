import TensorIR

/// Records tensor operations into a function: tracing, pullbacks, decompositions.
public final class TraceRecorder: Recorder {
  public private(set) var builder: FunctionBuilder
  /// What went wrong so far.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The place given to operations that have none of their own.
  public var location: Location = .unknown

  public init(name: String, symbols: SymbolTable = SymbolTable()) {
    builder = FunctionBuilder(name: name, symbols: symbols)
  }

  public init(like function: Function) { builder = FunctionBuilder(like: function) }

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
      return [Tensor(self, -1)]
    }
  }

  /// Records an operation or throws what is wrong with it.
  public func add(
    _ op: any TensorOp, _ operands: [Tensor], at place: Location = .unknown, names: [String] = []
  ) throws -> [Tensor] {
    let ids = try operands.map { operand -> ValueID? in
      if operand.isAbsent { return nil }
      if operand.isPoison { throw Diagnostic("poison", "") }
      guard operand.recorder === self else {
        throw Diagnostic("foreign-tensor", "an operand of '\(op.name)' belongs to another trace", at: place)
      }
      return ValueID(operand.id)
    }
    let results = try builder.add(op, ids, at: place == .unknown ? location : place, names: names)
    return results.map { Tensor(self, $0.index) }
  }

  /// Appends an operation of another function as it is, operands replaced; for passes.
  public func copy(_ operation: Operation, from source: Function, operands: [ValueID?]) throws -> [ValueID] {
    try builder.add(
      operation.op, operands, regions: operation.regions, at: operation.location,
      names: operation.results.map { source[$0].name }, layouts: operation.results.map { source.type(of: $0).layout })
  }

  public func setName(_ name: String, of tensor: Tensor) {
    if tensor.id >= 0 { builder.function[ValueID(tensor.id)].name = name }
  }

  /// Ends the trace; throws all that went wrong in it.
  public func finish(_ results: [Tensor], names: [String] = []) throws -> Function {
    if !diagnostics.isEmpty { throw Diagnostics(diagnostics) }
    guard results.allSatisfy({ $0.id >= 0 && $0.recorder === self }) else {
      throw Diagnostic("foreign-tensor", "a result does not belong to this trace")
    }
    return builder.finish(results.map { ValueID($0.id) }, names: names)
  }
}
