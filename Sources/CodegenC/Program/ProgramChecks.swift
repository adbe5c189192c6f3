import TensorIR

/// What a program must satisfy before it can be printed.
struct ProgramChecks {
  let program: LoweredProgram

  init(_ program: LoweredProgram) { self.program = program }

  /// The symbols that the inputs determine, in the order of the table.
  ///
  /// - Throws: a ``Diagnostic`` that names a symbol which a step or an output needs and no input gives.
  func describedSymbols() throws -> [Symbol] {
    var names: [String] = []
    func note(_ dimension: Dimension) {
      for name in dimension.symbols where !names.contains(name) { names.append(name) }
    }
    for value in program.inputs { value.type.shape.forEach(note) }
    let given = names
    var counted = Set(program.steps.flattened.compactMap { if case .loop(let loop) = $0 { loop.symbol } else { nil } })
    counted.formUnion(ComputedSizes(program).names)
    let unknown = SymbolSolution.find(for: given, inputs: program.inputs).unknown
    for (dimension, location) in needed {
      if dimension.holdsOverflow {
        throw Diagnostic("size-overflow", "a size does not fit in 64 bits", at: location)
      }
      let missing = dimension.symbols.first { !counted.contains($0) && (!given.contains($0) || unknown.contains($0)) }
      if let name = missing {
        throw Diagnostic(
          "unbound-symbol",
          "the size '\(name)' follows from no input: make it a dimension of an input of its own, or fix it with --dim \(name)=N",
          at: location)
      }
    }
    let known = program.symbols.symbols.filter { given.contains($0.name) }
    return known + given.filter { name in !known.contains { $0.name == name } }.map { Symbol($0) }
  }

  /// Every dimension that has to be computed, with the place it is for.
  private var needed: [(Dimension, Location)] {
    var list: [(Dimension, Location)] = (program.inputs + program.outputs).flatMap { value in
      value.type.shape.map { ($0, .unknown) }
    }
    for call in program.calls { list += call.scalars.map { ($0, call.location) } }
    for step in program.steps.flattened {
      if case .loop(let loop) = step, case .size(let trips)? = loop.trips { list.append((trips, .unknown)) }
      if case .collective(let collective) = step {
        list += (collective.parts.map(\.count) + [collective.ranks].compactMap { $0 }).map { ($0, collective.location) }
      }
      if case .check(let check) = step {
        list += [(check.condition.left, check.location), (check.condition.right, check.location)]
      }
    }
    list += program.guards.flatMap { [($0.condition.left, $0.location), ($0.condition.right, $0.location)] }
    list += program.plan.slotSizes.flatMap { $0.map { ($0, .unknown) } }
    return list
  }
}

extension LoweredProgram {
  /// The kernels that a step calls, in order.
  var usedKernels: [Int] {
    var used = Set<Int>()
    for call in calls { used.insert(call.kernel) }
    return used.sorted()
  }

  /// The constants that a step passes to a kernel.
  var usedConstants: Set<Int> {
    var used = Set<Int>()
    for case .constant(let number) in steps.flattened.flatMap(\.references) { used.insert(number) }
    return used
  }

  /// The ids of a kernel's parameters that in some call share memory with another parameter, where one of them is
  /// written: C must not be told that they are apart.
  func aliasedParameters(of kernel: Int) -> Set<Int> {
    var result = Set<Int>()
    for call in calls where call.kernel == kernel {
      let parameters = kernels[kernel].buffers
      for (i, first) in call.buffers.enumerated() {
        for (j, second) in call.buffers.enumerated() where i < j && mayShare(first, second) {
          guard i < parameters.count, j < parameters.count else { continue }
          if parameters[i].access == .read && parameters[j].access == .read { continue }
          result.formUnion([parameters[i].buffer.id, parameters[j].buffer.id])
        }
      }
    }
    return result
  }

  private func mayShare(_ a: BufferReference, _ b: BufferReference) -> Bool {
    if a == b { return true }
    switch (a, b) {
    case (.input(let input), .output(let output)), (.output(let output), .input(let input)):
      return donations[output] == input
    case (.temporary(let x), .temporary(let y)): return plan.slots[x] == plan.slots[y]
    default: return false
    }
  }
}
