import TensorIR

import class Foundation.NSRecursiveLock

/// Records tensor operations into a function: tracing, pullbacks, decompositions.
///
/// Sendable because all that changes is under its lock: a traced tensor may be used on another thread than the trace
/// began on.
public final class TraceRecorder: Recorder, @unchecked Sendable {
  /// Recursive, for what records may come back to the recorder.
  private let lock = NSRecursiveLock()
  private var ownBuilder: FunctionBuilder
  private var ownDiagnostics: [Diagnostic] = []
  private var ownLocation = Location.unknown
  private var ownCaptures: [Tensor] = []

  public var builder: FunctionBuilder { lock.withLock { ownBuilder } }
  /// What went wrong so far.
  public var diagnostics: [Diagnostic] { lock.withLock { ownDiagnostics } }
  /// The place given to all operations while it is known, before the places that they come with.
  public var location: Location {
    get { lock.withLock { ownLocation } }
    set { lock.withLock { ownLocation = newValue } }
  }

  /// Whether tensors of other recorders become parameters; otherwise they become constants, if their values are known.
  private let capturesForeign: Bool
  /// The tensors of other recorders that became parameters, behind the declared ones, in order.
  public var captures: [Tensor] { lock.withLock { ownCaptures } }
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
    ownBuilder = FunctionBuilder(name: name, symbols: symbols)
  }

  public init(like function: Function) {
    capturesForeign = false
    precedence = 1
    ownBuilder = FunctionBuilder(like: function)
  }

  public let precedence: Int

  public var symbols: SymbolTable { lock.withLock { ownBuilder.function.symbols } }

  public func type(of id: Int) -> TensorType { lock.withLock { ownBuilder.type(of: ValueID(id)) } }

  /// Adds a parameter of the function.
  public func parameter(_ type: TensorType, name: String = "") -> Tensor {
    Tensor(self, lock.withLock { ownBuilder.parameter(type, name: name).index })
  }

  public func record(_ op: any TensorOp, _ operands: [Tensor], at place: Location) -> [Tensor] {
    lock.lock()
    defer { lock.unlock() }
    do { return try add(op, operands, at: place) } catch {
      // Later operations ignore poison; the first message says what went wrong.
      let diagnostic = error as? Diagnostic ?? Diagnostic("internal", "\(error)")
      if diagnostic.id != "poison" { ownDiagnostics.append(diagnostic) }
      return Swift.type(of: op).failed(Tensor(self, -1))
    }
  }

  /// Records an operation or throws what is wrong with it.
  /// - Parameter bodies: its closed regions, as functions.
  public func add(
    _ op: any TensorOp, _ operands: [Tensor], bodies: [Function] = [], at place: Location = .unknown,
    names: [String] = []
  ) throws -> [Tensor] {
    lock.lock()
    defer { lock.unlock() }
    let ids = try operands.map { operand -> ValueID? in
      if operand.isAbsent { return nil }
      if operand.isPoison && operand.recorder === self { throw Diagnostic("poison", "") }
      return ValueID(try adopt(operand).id)
    }
    let regions = bodies.map { ownBuilder.embed($0) }
    let location = ownLocation == .unknown ? place : ownLocation
    ownBuilder.checkpoint = Checkpointing.mark
    let results = try ownBuilder.add(op, ids, regions: regions, at: location, names: names).map {
      Tensor(self, $0.index)
    }
    // What stands in regions is rounded there; their results are as precise as can be.
    if bodies.isEmpty { Composition.note(op, operands, results, at: location) }
    return results
  }

  /// Takes out the operations all of whose results are among those values.
  public func forget(_ ids: Set<Int>) {
    lock.lock()
    defer { lock.unlock() }
    guard let first = ids.min() else { return }
    var operations = ownBuilder.function.body.operations
    let start = operations.lastIndex { ($0.results.first?.index ?? 0) < first }.map { $0 + 1 } ?? 0
    operations[start...].removeAll { $0.results.allSatisfy { ids.contains($0.index) } }
    ownBuilder.function.body.operations = operations
    (makers, noted) = ([:], 0)
  }

  /// A tensor as one of this trace.
  /// - Throws: `foreign-tensor` for one of another trace.
  public func adopt(_ tensor: Tensor) throws -> Tensor {
    guard let recorder = tensor.recorder, recorder !== self else { return tensor }
    lock.lock()
    defer { lock.unlock() }
    let key = ForeignTensor(recorder: ObjectIdentifier(recorder), id: tensor.id)
    if let known = adopted[key] { return known }
    let result: Tensor
    if capturesForeign, !tensor.isPoison {
      result = parameter(tensor.type)
      // Kept, so that the number of a tensor that is let go does not pass to another.
      ownCaptures.append(tensor)
    } else if let value = try recorder.literal(of: tensor.id) {
      result = Tensor(self, try ownBuilder.add(Constant(value), [], at: ownLocation)[0].index)
      foreign.append(tensor)
    } else {
      throw Diagnostic("foreign-tensor", "a tensor of another trace is used in '\(ownBuilder.function.name)'")
    }
    adopted[key] = result
    return result
  }

  /// Appends an operation of another function as it is, operands replaced; for passes. Its regions use nothing from
  /// outside.
  public func copy(_ operation: Operation, from source: Function, operands: [ValueID?]) throws -> [ValueID] {
    lock.lock()
    defer { lock.unlock() }
    let regions = operation.regions.map { ownBuilder.copy($0, from: source) }
    ownBuilder.checkpoint = operation.checkpoint
    let results = try ownBuilder.add(
      operation.op, operands, regions: regions, at: operation.location,
      names: operation.results.map { source[$0].name }, layouts: operation.results.map { source.type(of: $0).layout })
    addGuards(operation.guards)
    return results
  }

  /// Has more checked before the operation that was recorded last: what an operation required that is now something
  /// else.
  public func addGuards(_ guards: [InferenceContext.Guard]) {
    lock.withLock { ownBuilder.addGuards(guards) }
  }

  /// Declares a symbol for a size that the run finds.
  public func declare(_ symbol: Symbol) { lock.withLock { ownBuilder.function.symbols.declare(symbol) } }

  /// The operation that makes a value; nil for a parameter.
  public func maker(of tensor: Tensor) -> Operation? {
    lock.lock()
    defer { lock.unlock() }
    noteMakers()
    return makers[ValueID(max(tensor.id, 0))].map { ownBuilder.function.body.operations[$0] }
  }

  /// Looks at the operations that were recorded since.
  private func noteMakers() {
    let operations = ownBuilder.function.body.operations
    // What was forgotten made place for others.
    if noted > operations.count { (makers, noted) = ([:], 0) }
    for index in noted..<operations.count { for id in operations[index].results { makers[id] = index } }
    noted = operations.count
  }

  /// How many operations have been recorded.
  public var operationCount: Int { lock.withLock { ownBuilder.function.body.operations.count } }

  /// No longer requires of the operations recorded since that extents are not negative. Within a decomposition they may
  /// be, where the result has no elements; what the user sees has been held to it.
  public func allowNegativeExtents(since first: Int) {
    lock.lock()
    defer { lock.unlock() }
    for index in ownBuilder.function.body.operations.indices.dropFirst(first) {
      ownBuilder.function.body.operations[index].guards.removeAll(where: \.isOfExtent)
    }
  }

  public func setName(_ name: String, of tensor: Tensor) {
    if tensor.id >= 0 { lock.withLock { ownBuilder.function[ValueID(tensor.id)].name = name } }
  }

  /// Ends the trace; throws all that went wrong in it.
  public func finish(_ results: [Tensor], names: [String] = []) throws -> Function {
    lock.lock()
    defer { lock.unlock() }
    if !ownDiagnostics.isEmpty { throw Diagnostics(ownDiagnostics) }
    let results = try results.map { $0.isPoison || $0.isAbsent ? $0 : try adopt($0) }
    guard results.allSatisfy({ $0.id >= 0 && $0.recorder === self }) else {
      throw Diagnostic("foreign-tensor", "a result does not belong to this trace")
    }
    return ownBuilder.finish(results.map { ValueID($0.id) }, names: names)
  }
}
