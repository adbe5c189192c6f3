import TensorIR
import TensorOps

/// Simplifies `if` and `loop`: takes the branch of a known condition, writes out short loops, takes what does not change out
/// of what is carried, moves constants inside, where the passes see them, and drops operands and results that nothing uses.
struct SimplifyControl {
  /// A loop is written out where that makes no more operations than these.
  private static let unrolledOperations = 32

  private let function: Function
  private let uses: ValueUses
  private var rebuild: Rebuild
  /// The operations without operands that make values.
  private var makers: [ValueID: Operation] = [:]
  private var isChanged = false

  /// The simpler function; nil where there is nothing to simplify.
  static func run(_ function: Function) throws -> Function? {
    guard function.body.operations.contains(where: { $0.op is any ControlOp }) else { return nil }
    var pass = SimplifyControl(function)
    for operation in function.body.operations { try pass.visit(operation) }
    return pass.isChanged ? pass.rebuild.finish() : nil
  }

  private init(_ function: Function) {
    self.function = function
    uses = function.uses()
    rebuild = Rebuild(function)
    for operation in function.body.operations where operation.operands.isEmpty && operation.regions.isEmpty {
      for id in operation.results { makers[id] = operation }
    }
  }

  private mutating func visit(_ operation: Operation) throws {
    do {
      switch operation.op {
      case is If: try visitIf(operation)
      case let op as Loop: try visitLoop(op, operation)
      default: rebuild.copy(operation)
      }
    } catch let diagnostic as Diagnostic { throw diagnostic.located(at: operation.location) }
  }

  // MARK: if

  private mutating func visitIf(_ operation: Operation) throws {
    var bodies = try bodies(of: operation)
    let sizes = (operation.op as? If)?.sizes
    if sizes == nil, let isTrue = truth(operation.operands[0]) {
      let arguments = rebuild.operands(operation).dropFirst().compactMap { $0 }
      return replace(operation.results, by: rebuild.inline(bodies[isTrue ? 0 : 1], arguments))
    }
    // A result that nothing uses may have a size that something does.
    let used = operation.results.indices.filter { sizes != nil || uses[operation.results[$0]] > 0 }
    if used.count < operation.results.count {
      isChanged = true
      for index in bodies.indices { bodies[index].body.results = used.map { bodies[index].body.results[$0] } }
    }
    let captured = keepUsed(operation.operands, after: 1, &bodies, fixed: 0)
    try add(operation, If(sizes: sizes), [operation.operands[0]] + captured, bodies, used.map { operation.results[$0] })
  }

  // MARK: loop

  private mutating func visitLoop(_ op: Loop, _ operation: Operation) throws {
    var form = LoopForm(op, operation, try bodies(of: operation)[0])
    if let trips = integer(form.operands[0]) { form.fix(trips: max(trips, 0)) }
    if form.op.trips != op.trips { isChanged = true }
    if op.exits, form.dropExit(begins: truth(form.operands[1])) { isChanged = true }
    let start = 1 + form.op.extra
    for index in (0..<form.op.carried).reversed() where form.isInvariant(index) {
      guard let initial = form.operands[start + index].flatMap({ rebuild.values[$0] }) else { continue }
      rebuild.set(form.results[index], to: initial)
      form.moveOut(index)
      isChanged = true
    }
    if try unroll(form) { return }
    let kept = form.results.indices.filter {
      $0 < form.op.carried || form.op.length != nil || uses[form.results[$0]] > 0
    }
    if kept.count < form.results.count { isChanged = true }
    form.keepResults(kept)
    var bodies = [form.body]
    let first = Array(form.operands.prefix(start + form.op.carried))
    let captured = keepUsed(form.operands, after: first.count, &bodies, fixed: 1 + form.op.carried)
    try add(operation, form.op, first + captured, bodies, form.results)
  }

  /// Writes the trips one behind the other, if there are few of them or of their operations; whether it did.
  private mutating func unroll(_ form: LoopForm) throws -> Bool {
    var findsSizes = !form.op.definedSizes.isEmpty
    form.body.forEachOperation { findsSizes = findsSizes || !$0.op.definedSizes.isEmpty }
    guard !findsSizes, !form.op.exits, let trips = form.op.trips?.constant,
      trips <= 1 || trips * form.body.body.operations.count <= SimplifyControl.unrolledOperations,
      trips > 0 || form.results.count == form.op.carried
    else { return false }
    let operands = form.operands.dropFirst(1).compactMap { $0.flatMap { rebuild.values[$0] } }
    var state = Array(operands.prefix(form.op.carried))
    let captured = operands.dropFirst(form.op.carried)
    var collected = form.results.dropFirst(form.op.carried).map { _ in [ValueID]() }
    for trip in 0..<trips {
      let count = try rebuild.builder.add(Full(Double(trip), .i64, []), [], at: form.location)
      let results = rebuild.inline(form.body, count + state + captured)
      state = Array(results.prefix(form.op.carried))
      for (index, id) in results.dropFirst(form.op.carried).enumerated() {
        let shape = [1] + rebuild.builder.type(of: id).shape
        collected[index] += try rebuild.builder.add(Reshape(shape), [id], at: form.location)
      }
    }
    let stacked = try collected.map { parts in
      parts.count == 1 ? parts[0] : try rebuild.builder.add(Concat(axis: 0), parts, at: form.location)[0]
    }
    replace(form.results, by: state + stacked)
    return true
  }

  // MARK: Parts

  private mutating func bodies(of operation: Operation) throws -> [Function] {
    try operation.regions.map { region in
      let body = function.function(of: region)
      guard let simpler = try SimplifyControl.run(body) else { return body }
      isChanged = true
      return simpler
    }
  }

  /// The operands from a position on that the bodies still need. What a constant makes is made inside.
  private mutating func keepUsed(
    _ operands: [ValueID?], after start: Int, _ bodies: inout [Function], fixed: Int
  ) -> [ValueID?] {
    var kept: [ValueID?] = []
    for operand in operands.dropFirst(start) {
      let place = fixed + kept.count
      let maker = operand.flatMap { makers[$0] }.flatMap { $0.results.count == 1 ? $0 : nil }
      let isUsed = bodies.contains { $0.uses()[$0.body.parameters[place]] > 0 }
      if isUsed, maker == nil {
        kept.append(operand)
        continue
      }
      isChanged = true
      for body in bodies.indices {
        let parameter = bodies[body].body.parameters.remove(at: place)
        guard let maker, bodies[body].uses()[parameter] > 0 else { continue }
        bodies[body].body.operations.insert(
          Operation(maker.op, [], results: [parameter], location: maker.location), at: 0)
      }
    }
    return kept
  }

  private mutating func add(
    _ operation: Operation, _ op: any Op, _ operands: [ValueID?], _ bodies: [Function], _ results: [ValueID]
  ) throws {
    if results.isEmpty {
      isChanged = true
      return
    }
    let regions = bodies.map { rebuild.builder.embed($0) }
    let made = try rebuild.builder.add(
      op, operands.map { $0.flatMap { rebuild.values[$0] } }, regions: regions, at: operation.location,
      names: results.map { function[$0].name })
    rebuild.builder.addGuards(operation.guards)
    for (old, new) in zip(results, made) { rebuild.set(old, to: new) }
  }

  private mutating func replace(_ old: [ValueID], by new: [ValueID]) {
    isChanged = true
    for (old, new) in zip(old, new) { rebuild.set(old, to: new) }
  }

  private func truth(_ id: ValueID?) -> Bool? { id.flatMap { makers[$0]?.op }.flatMap(SimplifyControl.truth) }

  /// Whether an op makes a boolean scalar that is true; nil where it does not make one.
  static func truth(_ op: any Op) -> Bool? {
    guard let op = op as? any KnownOp, op.elementType == .bool else { return nil }
    return op.onlyInteger.map { $0 != 0 }
  }

  private func integer(_ id: ValueID?) -> Int? {
    guard let op = id.flatMap({ makers[$0]?.op }) as? any KnownOp, op.elementType == .i64 else { return nil }
    return op.onlyInteger
  }
}
