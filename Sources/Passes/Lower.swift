import TensorIR
import TensorOps
import TensorSchedules

/// Lowers a fused function to kernels: gives every value its memory and lets schedules write the loops.
enum Lower {
  static func run(_ function: Function, _ target: Target) throws -> LoweredProgram {
    let lowering = Lowering(function, target)
    try lowering.run()
    return lowering.program
  }
}

/// The state of one lowering; the sink into which schedules put kernels.
final class Lowering: KernelSink {
  let target: Target
  let function: Function
  private(set) var program: LoweredProgram
  /// Where values lie.
  var memory: [ValueID: BufferReference] = [:]
  /// The lists of steps being made, innermost last; that of the program first.
  private var open: [[Step]] = [[]]
  private var kernels: [Kernel.Signature: Int] = [:]
  /// Results of views whose memory may be too small for what they are views of.
  private var copied: Set<ValueID> = []
  private var constants: [TensorLiteral: Int] = [:]
  private var comments: [String] = []

  init(_ function: Function, _ target: Target) {
    self.function = function
    self.target = target
    let outputs = function.body.results.enumerated().map { index, id in
      Value(
        type: function.type(of: id),
        name: index < function.resultNames.count ? function.resultNames[index] : function[id].name)
    }
    program = LoweredProgram(
      name: function.name, symbols: function.symbols, inputs: function.body.parameters.map { function[$0] },
      outputs: outputs, donations: function.donations)
  }

  var symbols: SymbolTable { function.symbols }

  func run() throws {
    for (index, id) in function.body.parameters.enumerated() { memory[id] = .input(index) }
    place(resultsOf: function.body, function.body.results.indices.map { .output($0) })
    try lower(function.body.operations)
    program.steps = open[0]
  }

  func lower(_ operations: [Operation]) throws {
    for operation in operations {
      add(operation.guards)
      if operation.isGroup {
        // A text may hold a group whose members alone say what they need.
        for member in operation.regions.flatMap(\.operations) { add(member.guards) }
      }
      try place(operation)
      let isMoved = operation.op is any ControlOp || !isAlias(operation) || isCopied(operation)
      guard isMoved, !isMemory(operation) else { continue }
      do {
        if let op = operation.op as? any ControlSchedule {
          try op.lower(operation, into: self)
        } else {
          try Schedules.lower(group(for: operation), into: self)
        }
      } catch let diagnostic as Diagnostic { throw diagnostic.located(at: operation.location) }
    }
  }

  /// A guard of the function itself is checked before everything; one inside control flow, or on what the run finds, where
  /// it stands.
  private func add(_ guards: [InferenceContext.Guard]) {
    for item in guards {
      let isEarly =
        open.count == 1 && ![item.condition.left, item.condition.right].contains(where: symbols.holdsComputed)
      if isEarly { program.guards = program.guards.adding([item]) } else { add(.check(item)) }
    }
  }

  // MARK: Memory of values

  /// Gives the results of a region their memory.
  func place(resultsOf region: Region, _ places: [BufferReference?]) {
    for case (let id, let place?) in zip(region.results, places) {
      memory[id] = place
      // What a result is a view of lies in the result's memory.
      var current = id
      while let operation = region.operations.first(where: { $0.results.contains(current) }),
        isAlias(operation), let source = operation.operands[0]
      {
        guard fits(source, where: current) else {
          copied.insert(current)
          break
        }
        memory[source] = place
        current = source
      }
    }
  }

  /// Whether the memory of a result holds what it is a view of, however great that comes out. Where the result has no bound,
  /// room is made when there is something to put there.
  private func fits(_ source: ValueID, where result: ValueID) -> Bool {
    let (own, wanted) = (function.type(of: source).byteCount, function.type(of: result).byteCount)
    if own == wanted { return true }
    guard let most = symbols.bound(of: wanted) else { return true }
    return symbols.bound(of: own).map { symbols.isAtMost($0, most) == .yes } ?? false
  }

  private func isCopied(_ operation: Operation) -> Bool { operation.results.contains(where: copied.contains) }

  private func isAlias(_ operation: Operation) -> Bool { operation.isView(in: function) }

  private func isMemory(_ operation: Operation) -> Bool { operation.isConstantMemory }

  private func place(_ operation: Operation) throws {
    if let op = operation.op as? any StoredOp {
      memory[operation.results[0]] = constant(op.stored)
    } else if isAlias(operation), let source = operation.operands[0] {
      if isCopied(operation) { makeRoom(forResultsOf: operation) }
      if memory[operation.results[0]] == nil { memory[operation.results[0]] = memory[source] }
    } else {
      for id in operation.results where memory[id] == nil {
        let name = function[id].name.isEmpty ? operation.op.name : function[id].name
        memory[id] = temporary(name, bytes: function.type(of: id).byteCount, perThread: false)
      }
      makeRoom(forResultsOf: operation)
    }
  }

  /// Has room made for results that have no bound before the run. What finds the size of a result itself makes room when it
  /// has.
  private func makeRoom(forResultsOf operation: Operation) {
    let found = Set(operation.op.definedSizes)
    for id in operation.results {
      let bytes = function.type(of: id).byteCount
      if let place = memory[id], found.isDisjoint(with: bytes.symbols) { makeRoom(place, bytes: bytes) }
    }
  }

  func makeRoom(_ place: BufferReference, bytes: Dimension) {
    guard hasNoBound(place) else { return }
    add(.room(Step.Room(place, bytes: bytes)))
  }

  /// Whether memory is as large as the run finds. What is put there may have a bound all the same, and what has none may be
  /// known to fit by a check.
  private func hasNoBound(_ place: BufferReference) -> Bool {
    switch place {
    case .output(let index): symbols.bound(of: program.outputs[index].type.byteCount) == nil
    case .temporary(let number): symbols.bound(of: program.temporaries[number].bytes) == nil
    default: false
    }
  }

  /// The group of a single operation or of a `fused` one, whose inner values lie where the outer ones do.
  private func group(for operation: Operation) -> Group {
    guard operation.isGroup, let body = operation.regions.first else {
      let leaves = operation.operands.compactMap { $0 }.uniqued()
      return Group(operations: [operation], leaves: leaves, outputs: operation.results, function: function)
    }
    for (inner, outer) in zip(body.parameters, operation.operands) { memory[inner] = outer.flatMap { memory[$0] } }
    for (inner, outer) in zip(body.results, operation.results) { memory[inner] = memory[outer] }
    return Group(operations: body.operations, leaves: body.parameters, outputs: body.results, function: function)
  }

  // MARK: KernelSink

  func buffer(of value: ValueID) throws -> BufferReference {
    guard let reference = memory[value] else { throw Diagnostic("internal", "\(value) has no memory") }
    return reference
  }

  func scratch(_ name: String, bytes: Dimension, perThread: Bool) -> BufferReference {
    let place = temporary(name, bytes: bytes, perThread: perThread)
    makeRoom(place, bytes: bytes)
    return place
  }

  func temporary(_ name: String, bytes: Dimension, perThread: Bool) -> BufferReference {
    program.temporaries.append(Temporary(name: name, bytes: bytes, perThread: perThread))
    return .temporary(program.temporaries.count - 1)
  }

  func constant(_ literal: TensorLiteral) -> BufferReference {
    if let known = constants[literal] { return .constant(known) }
    constants[literal] = program.constants.count
    program.constants.append(literal)
    return .constant(program.constants.count - 1)
  }

  func call(_ builder: KernelBuilder, buffers: [BufferReference], work: Dimension, at location: Location) {
    let scalars = builder.scalarArguments
    let position = program.add(builder.finish(), index: &kernels)
    var call = KernelCall(kernel: position, buffers: buffers, scalars: scalars, work: work, location: location)
    call.origins = builder.origins
    add(.call(call))
  }

  func freshSymbol(_ stem: String) -> String {
    let name = program.symbols.freshName(stem)
    program.symbols.declare(Symbol(name))
    return name
  }

  func add(_ step: Step) { open[open.count - 1].append(step) }

  func steps(_ body: () throws -> Void) throws -> [Step] {
    open.append([])
    do { try body() } catch {
      open.removeLast()
      throw error
    }
    return open.removeLast()
  }
}

extension Array where Element: Hashable {
  /// The elements without repetitions, in order.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
