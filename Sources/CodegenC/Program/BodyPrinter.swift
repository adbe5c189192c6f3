import TensorIR

/// Prints NAME_body: the steps, which every thread of a call walks through.
struct BodyPrinter {
  let program: LoweredProgram
  let prefix: String
  let constants: ConstantsPrinter
  /// The C names of kernels, by their positions.
  let kernelNames: [Int: String]
  var sizes: SizeTable
  private(set) var slots: [WorkspaceSlot] = []
  private let checks: Bool
  var names = CNames(reserved: ["thread", "part", "turn", "team", "c", "s", "in", "out", "w", "shared", "overflow"])
  private var locals: [BufferReference: String] = [:]
  private var declarations: [String] = []
  private var lines: [String] = []
  var indent = "  "
  /// The temporaries that change places; their pointers do.
  private let swapped: Set<BufferReference>
  /// The variables that hold the symbols which a loop counts with, and those that steps define.
  var counters: [String: String] = [:]
  /// For what the run finds: see ``ComputedSizes``.
  let computed: ComputedSizes
  var usesOverflow = false
  /// How many calls so far may report an index.
  private var faults = 0
  /// How many checks so far stand among the steps.
  var failures = 0
  /// What a kernel is told to be: the thread itself, or the part that it took.
  var worker = "thread"
  /// Calls that are printed with the turn that they belong to, and what may come before the next turn.
  var turn = Turn()

  init(
    _ program: LoweredProgram, prefix: String, constants: ConstantsPrinter, kernelNames: [Int: String],
    sizes: SizeTable,
    checks: Bool
  ) {
    self.program = program
    self.prefix = prefix
    self.constants = constants
    self.kernelNames = kernelNames
    self.sizes = sizes
    self.checks = checks
    computed = ComputedSizes(program)
    swapped = program.steps.flattened.reduce(into: []) { all, step in
      if case .swap(let a, let b) = step { all.formUnion([a, b]) }
    }
    // Words that the printed steps use.
    let words = ["bytes", "left", "right", "moved"] + computed.names.indices.map { "next_\($0)" }
    if !computed.isEmpty { words.forEach { names.reserve($0) } }
    for name in computed.names {
      let variable = names.declare(name, number: counters.count)
      counters[name] = variable
      declarations.append("  int64_t \(variable) = 0;")
    }
    for slot in program.plan.slotSizes.indices {
      let stride = program.plan.perThread[slot] ? self.sizes.member("stride_\(slot)") : nil
      let used = checks ? self.sizes.member("used_\(slot)") : nil
      slots.append(WorkspaceSlot(offset: self.sizes.member("slot_\(slot)"), stride: stride, used: used))
    }
  }

  /// The function; fills `sizes` with what the calls pass.
  mutating func text() -> String {
    let beginnings = checks ? CheckPrinter.beginnings(in: program) : [:]
    for (position, step) in program.steps.enumerated() {
      if let temporaries = beginnings[position] { refresh(temporaries) }
      take(step)
    }
    endTurn()
    if turn.isUsed { declarations.append("  uint32_t turn = 0;") }
    if usesOverflow { declarations.append("  int overflow = 0;") }
    let body = (declarations + [""] + lines).joined(separator: "\n")
    let context = body.contains("c->") || body.contains("s->") || body.contains("w + ")
    let needed = [
      ("const tensorc_tensor *const in = c->call->inputs;", body.contains("in[")),
      ("const tensorc_tensor *const out = c->call->outputs;", body.contains("out[")),
      ("char *const w = c->workspace;", body.contains("w + ")),
      ("const \(prefix)_sizes *const s = &c->sizes;", body.contains("s->")),
    ].filter(\.1).map { "  \($0.0)\n" }.joined()
    let unused =
      (context || !needed.isEmpty ? "" : "  (void)shared;\n")
      + (lines.isEmpty ? "  (void)thread, (void)team;\n" : "")
    let cast = context || !needed.isEmpty ? "  \(prefix)_context *const c = shared;\n" : ""
    return """
      /* ---- the steps ---------------------------------------------------------------------------------------------- */

      static void \(prefix)_body(int thread, int team, void *shared) {
      \(cast)\(needed)\(unused)\(body)
      }

      """
  }

  /// What earlier values left in the memory of these temporaries goes.
  private mutating func refresh(_ temporaries: [Int]) {
    endTurn()
    for number in temporaries {
      guard let used = slots[program.plan.slots[number]].used else { continue }
      let guarding = program.plan.perThread[program.plan.slots[number]] ? "" : "if (thread == 0) "
      let bytes = sizes.reference(program.temporaries[number].bytes)
      lines.append("  \(guarding)tc_refresh(\(address(.temporary(number))), \(bytes), s->\(used));")
    }
    lines.append("  tc_barrier(&c->team, team);")
  }

  mutating func print(_ step: Step) {
    switch step {
    case .barrier: add("tc_barrier(&c->team, team);")
    case .call(let call): print(call)
    case .check(let check): print(check)
    case .branch(let branch): print(branch)
    case .loop(let loop): print(loop)
    case .swap(let first, let second):
      let (a, b) = (local(first), local(second))
      let type = computed.block(of: first) == nil ? "void" : "tc_block"
      add("{ \(type) *const moved = \(a); \(a) = \(b); \(b) = moved; }")
    case .define(let definitions): print(definitions)
    case .room(let room): print(room)
    case .collective(let collective): print(collective)
    }
  }

  mutating func add(_ line: String) { lines.append(indent + line) }

  mutating func print(_ call: KernelCall) {
    if call.location != .unknown { add("// \(CLiteral.comment(call.location.description))") }
    var arguments: [String] = []
    if KernelPrinter.hasBarrier(program.kernels[call.kernel].body) { arguments.append("&c->team") }
    if program.kernels[call.kernel].reportsBadIndices {
      arguments.append("&c->faults[\(faults)]")
      faults += 1
    }
    arguments += [worker, "team"]
    arguments += call.buffers.map { address($0) }
    arguments += call.scalars.map { reference($0) }
    let name = kernelNames[call.kernel] ?? ""
    lines.append(KernelPrinter.wrap("\(indent)\(name)(", arguments, end: ");", indent: indent + "    "))
  }

  /// A pointer in a variable named as the value is, declared at the top.
  mutating func local(_ reference: BufferReference) -> String {
    if let name = locals[reference] { return name }
    let (hint, value, isConstant) = place(reference)
    let name = names.declare(hint, number: locals.count)
    locals[reference] = name
    let type = computed.block(of: reference) == nil ? "void" : "tc_block"
    let pointer = swapped.contains(reference) ? "\(type) *" : "\(type) *const "
    declarations.append("  \(isConstant ? "const " : "")\(pointer)\(name) = \(value);")
    return name
  }

  /// Where a buffer begins. Memory that grows is found through its block; threads may have shares of it.
  mutating func address(_ reference: BufferReference) -> String {
    let name = local(reference)
    var isShared = true
    if case .temporary(let number) = reference { isShared = !program.temporaries[number].perThread }
    if computed.block(of: reference) != nil {
      return isShared ? "\(name)->data" : "\(name)->data + \(worker) * \(name)->share"
    }
    guard case .temporary(let number) = reference, let stride = slots[program.plan.slots[number]].stride else {
      return name
    }
    return "(void *)((char *)\(name) + \(worker) * s->\(stride))"
  }

  private func place(_ reference: BufferReference) -> (hint: String, value: String, isConstant: Bool) {
    switch reference {
    case .input(let number):
      return (hint(program.inputs[number].name, "input_\(number)"), "in[\(number)].data", true)
    case .output(let number):
      return (hint(program.outputs[number].name, "output_\(number)"), "out[\(number)].data", false)
    case .constant(let number): return ("constant_\(number)", constants.addresses[number], true)
    case .temporary(let number):
      let name = hint(program.temporaries[number].name, "temporary_\(number)")
      if let block = computed.block(of: reference) { return (name, "&c->blocks[\(block)]", false) }
      return (name, "w + s->\(slots[program.plan.slots[number]].offset)", false)
    }
  }

  private func hint(_ name: String, _ otherwise: String) -> String {
    name.isEmpty || name.utf8.first.map { (48...57).contains($0) } == true ? otherwise : name
  }
}
