// The text of lowered programs, for dumps and for people. It is not read back.

extension LoweredProgram {
  /// Kernels, steps and the plan of memory, one statement a line.
  public func text() -> String {
    var lines = ["program @\(TextForm.word(name))(\(values(inputs))) -> (\(values(outputs)))"]
    lines += guards.map { "  requires \($0.condition) \(TextForm.quote($0.message))" }
    lines += constants.enumerated().map { "  constant \($0) : \($1.type)" }
    lines += temporaries.enumerated().map { number, temporary in
      let slot = plan.slots.indices.contains(number) ? " in slot \(plan.slots[number])" : ""
      return "  temporary \(number) \(TextForm.quote(temporary.name)) : \(temporary.bytes) bytes"
        + (temporary.perThread ? " per thread" : "") + slot
    }
    lines += plan.slotSizes.enumerated().map { number, sizes in
      "  slot \(number) : maximum of \(sizes.map(\.description).joined(separator: ", "))"
        + (plan.perThread[number] ? " per thread" : "")
    }
    lines += text(of: steps, indent: "  ")
    for kernel in kernels {
      var printer = LoopPrinter(kernel)
      lines += [""] + printer.lines()
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func values(_ list: [Value]) -> String {
    list.map { "%\(TextForm.word($0.name)): \($0.type)" }.joined(separator: ", ")
  }

  private func text(of steps: [Step], indent: String) -> [String] {
    steps.flatMap { step -> [String] in
      let inner = step.inner.map { text(of: $0, indent: indent + "  ") }
      switch step {
      case .call(let call): return [indent + text(of: call)]
      case .barrier: return [indent + "barrier"]
      case .check(let check):
        return ["\(indent)requires \(check.condition) \(TextForm.quote(check.message))"]
      case .swap(let a, let b): return ["\(indent)swap \(a.text), \(b.text)"]
      case .branch(let branch):
        return ["\(indent)if \(branch.condition.text) {"] + inner[0] + ["\(indent)} else {"] + inner[1]
          + ["\(indent)}"]
      case .loop(let loop): return [indent + text(of: loop)] + inner[0] + ["\(indent)}"]
      }
    }
  }

  private func text(of loop: Step.Loop) -> String {
    let limit =
      switch loop.trips {
      case nil: ""
      case .size(let trips): " below <\(trips)>"
      case .stored(let trips): " below \(trips.text)"
      }
    return "loop \(loop.symbol)\(limit)\(loop.condition.map { " while \($0.text)" } ?? "") {"
  }

  private func text(of call: KernelCall) -> String {
    let arguments = call.buffers.map(\.text) + call.scalars.map { "<\($0)>" }
    let place = call.location == .unknown ? "" : " \(call.location)"
    return
      "call \(kernels[call.kernel].name)(\(arguments.joined(separator: ", "))) work <\(call.work)>\(place)"
  }
}

extension BufferReference {
  fileprivate var text: String {
    switch self {
    case .input(let number): "input \(number)"
    case .output(let number): "output \(number)"
    case .constant(let number): "constant \(number)"
    case .temporary(let number): "temporary \(number)"
    }
  }
}

/// Writes a kernel line by line. Variables carry their numbers, because names need not be unique.
struct LoopPrinter {
  private let kernel: Kernel
  private var result: [String] = []
  private var depth = 0

  init(_ kernel: Kernel) { self.kernel = kernel }

  mutating func lines() -> [String] {
    for comment in kernel.comments { add("// \(comment)") }
    let buffers = kernel.buffers.map { "\($0.access.rawValue) \(name($0.buffer)): \($0.buffer.element)" }
    let scalars = kernel.scalars.map { "\(name($0)): \($0.type)" }
    add("kernel \(kernel.name)(\((buffers + scalars).joined(separator: ", "))) {")
    block(kernel.body)
    add("}")
    return result
  }

  private mutating func add(_ text: String) { result.append(String(repeating: "  ", count: depth) + text) }

  private mutating func block(_ statements: [Statement]) {
    depth += 1
    for statement in statements { write(statement) }
    depth -= 1
  }

  private mutating func write(_ statement: Statement) {
    switch statement {
    case .declare(let variable, let value, let mutable):
      add("\(mutable ? "var" : "let") \(name(variable)): \(variable.type) = \(text(value))")
    case .assign(let variable, let value): add("\(name(variable)) = \(text(value))")
    case .array(let buffer, let count): add("array \(name(buffer)): \(buffer.element)[\(count)]")
    case .pointer(let buffer, let source, let offset):
      add("pointer \(name(buffer)) = \(name(source)) + \(text(offset))")
    case .advance(let buffer, let step): add("advance \(name(buffer)) by \(text(step))")
    case .store(let buffer, let offset, let value, let count):
      add("\(name(buffer))[\(text(offset))] = \(text(value))" + (count.map { " first \(text($0))" } ?? ""))
    case .stream(let buffer, let bytes): add("stream \(name(buffer)) of \(text(bytes)) bytes")
    case .transpose(let block):
      let (from, to) = (name(block.from), name(block.to))
      add(
        "transpose \(block.lanes)x\(block.lanes) \(from)[\(text(block.fromOffset))] step \(text(block.fromStep)) to "
          + "\(to)[\(text(block.toOffset))] step \(text(block.toStep))")
    case .loop(let loop): write(loop)
    case .branch(let condition, let then, let otherwise):
      add("if \(text(condition)) {")
      block(then)
      if !otherwise.isEmpty {
        add("} else {")
        block(otherwise)
      }
      add("}")
    case .whileLoop(let condition, let body):
      add("while \(text(condition)) {")
      block(body)
      add("}")
    case .barrier: add("barrier")
    case .prefetch(let buffer, let offset): add("prefetch \(name(buffer))[\(text(offset))]")
    case .call(let routine, let buffers, let scalars):
      add("call \(routine)(\((buffers.map(name) + scalars.map(text)).joined(separator: ", ")))")
    case .badIndex(let index, let extent, let op, let origin):
      add("bad index \(text(index)) of \(text(extent)) for \(op) \(origin)")
    case .comment(let text): add("// \(text)")
    }
  }

  private mutating func write(_ loop: Statement.Loop) {
    let step = loop.step == 1 ? "" : " by \(text(loop.step))"
    let unroll = loop.unroll == .compiler ? "" : " unroll \(loop.unroll.rawValue)"
    add("for \(name(loop.variable)) in \(text(loop.from))..<\(text(loop.to))\(step)\(unroll) {")
    block(loop.body)
    add("}")
  }

  // MARK: Expressions

  private func name(_ variable: Variable) -> String { "\(variable.name)#\(variable.id)" }
  private func name(_ buffer: Buffer) -> String { "\(buffer.name)@\(buffer.id)" }

  private func text(_ expression: Expression) -> String {
    switch expression {
    case .integer(let value): "\(value)"
    case .float(let number, let type): "\(number.value):\(type)"
    case .literal(let value, let type): "\(value):\(type)"
    case .variable(let variable): name(variable)
    case .unary(let op, let a): "\(op.rawValue)(\(text(a)))"
    case .binary(let op, let a, let b): binary(op, text(a), text(b))
    case .select(let condition, let a, let b): "select(\(text(condition)), \(text(a)), \(text(b)))"
    case .convert(let a, let element): "\(element)(\(text(a)))"
    case .bitcast(let a, let element): "bits_as_\(element)(\(text(a)))"
    case .load(let buffer, let offset, let lanes): "\(name(buffer))[\(text(offset))]\(suffix(lanes))"
    case .loadPartial(let buffer, let offset, let lanes, let count):
      "\(name(buffer))[\(text(offset))]\(suffix(lanes)) first \(text(count))"
    case .gather(let buffer, let offset, let stride, let lanes):
      "\(name(buffer))[\(text(offset)) by \(text(stride))]\(suffix(lanes))"
    case .gatherPartial(let buffer, let offset, let stride, let lanes, let count):
      "\(name(buffer))[\(text(offset)) by \(text(stride))]\(suffix(lanes)) first \(text(count))"
    case .broadcast(let a, let lanes): "broadcast(\(text(a)))\(suffix(lanes))"
    case .ramp(let base, let step, let lanes): "ramp(\(text(base)), \(text(step)))\(suffix(lanes))"
    case .call(let name, let arguments, _): "\(name)(\(arguments.map(text).joined(separator: ", ")))"
    case .reduce(let reduction, let a): "\(reduction.rawValue)_of_lanes(\(text(a)))"
    }
  }

  private func suffix(_ lanes: Int) -> String { lanes == 1 ? "" : "x\(lanes)" }

  private func binary(_ op: BinaryOperator, _ a: String, _ b: String) -> String {
    guard let sign = LoopPrinter.signs[op] else { return "\(op.rawValue)(\(a), \(b))" }
    return "(\(a) \(sign) \(b))"
  }

  private static let signs: [BinaryOperator: String] = [
    .add: "+", .subtract: "-", .multiply: "*", .divide: "/", .quotient: "/", .remainder: "%", .less: "<",
    .lessEqual: "<=", .greater: ">", .greaterEqual: ">=", .equal: "==", .notEqual: "!=", .bitAnd: "&",
    .bitOr: "|",
    .bitXor: "^", .shiftLeft: "<<", .shiftRight: ">>", .logicalAnd: "&&", .logicalOr: "||",
  ]
}
