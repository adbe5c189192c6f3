extension LoweredProgram {
  /// The text form: the program's values and memory, its steps, and its kernels, one statement a line.
  /// ``init(parsing:file:blobs:)`` reads it back.
  public func text(_ options: TextOptions = .full) -> String {
    var printer = ProgramPrinter(self, options)
    return printer.text()
  }
}

/// Writes a lowered program line by line.
private struct ProgramPrinter {
  private let program: LoweredProgram
  private let options: TextOptions
  private var lines: [String] = []

  init(_ program: LoweredProgram, _ options: TextOptions) { (self.program, self.options) = (program, options) }

  mutating func text() -> String {
    header()
    memory()
    lines.append("  steps {")
    for step in program.steps { write(step, indent: 2) }
    lines += ["  }", "}"]
    for kernel in program.kernels {
      var printer = LoopPrinter(kernel)
      lines += [""] + printer.lines().map(\.text)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private mutating func header() {
    let outputs = program.outputs.enumerated().map { number, value in
      typed(value, number) + (program.donations[number].map { " reuses input \($0)" } ?? "")
    }
    let inputs = program.inputs.enumerated().map { typed($1, $0) }
    let facts = program.symbols.factsText(parameters: program.inputs.map(\.type))
    lines.append(
      "program @\(TextForm.word(program.name))(\(inputs.joined(separator: ", "))) -> (\(outputs.joined(separator: ", ")))"
        + (facts.isEmpty ? "" : " where \(facts)") + " {")
    lines.append("  stage \(program.stage.rawValue)")
    for check in program.guards { lines.append("  \(text(of: check))") }
  }

  /// Constants, temporaries and, where memory is planned, slots.
  private mutating func memory() {
    for (number, constant) in program.constants.enumerated() {
      lines.append("  constant \(number) = \(options.tensor(constant))")
    }
    for (number, temporary) in program.temporaries.enumerated() {
      let slot = program.plan.slots.indices.contains(number) ? " in slot \(program.plan.slots[number])" : ""
      let share = temporary.perThread ? " per thread" : ""
      lines.append("  temporary \(number) \(TextForm.quote(temporary.name)) bytes \(temporary.bytes)\(share)\(slot)")
    }
    for (number, sizes) in program.plan.slotSizes.enumerated() {
      let share = program.plan.perThread[number] ? " per thread" : ""
      lines.append("  slot \(number) bytes \(sizes.map(\.description).joined(separator: ", "))\(share)")
    }
  }

  private func typed(_ value: Value, _ number: Int) -> String {
    "%\(value.name.isEmpty ? "\(number)" : TextForm.word(value.name)): \(value.type)"
  }

  private func place(_ location: Location) -> String { location == .unknown ? "" : " \(location)" }

  private func text(of check: InferenceContext.Guard) -> String {
    let place = check.location == .unknown ? "" : " from\(check.location.description.dropFirst(2))"
    return "requires \(check.condition) \(TextForm.quote(check.message))\(place)"
  }

  private mutating func write(_ step: Step, indent: Int) {
    let margin = String(repeating: "  ", count: indent)
    switch step {
    case .barrier: lines.append(margin + "barrier")
    case .call(let call): lines.append(margin + text(of: call))
    case .check(let check): lines.append(margin + text(of: check))
    case .swap(let a, let b): lines.append("\(margin)swap \(a), \(b)")
    case .define(let definitions): lines.append(margin + text(of: definitions))
    case .room(let room):
      lines.append("\(margin)room \(room.memory) bytes \(room.bytes)\(room.keeps ? " keeps" : "")")
    case .collective(let collective): lines.append(margin + text(of: collective))
    case .branch(let branch):
      lines.append("\(margin)if \(branch.condition) {")
      for inner in branch.then { write(inner, indent: indent + 1) }
      lines.append("\(margin)} else {")
      for inner in branch.otherwise { write(inner, indent: indent + 1) }
      lines.append("\(margin)}")
    case .loop(let loop):
      lines.append("\(margin)\(text(of: loop)) {")
      for inner in loop.body { write(inner, indent: indent + 1) }
      lines.append("\(margin)}")
    }
  }

  private func text(of definitions: [Step.Definition]) -> String {
    let items = definitions.map { item in
      switch item.value {
      case .size(let size): "\(Dimension(symbol: item.symbol)) = \(size)"
      case .stored(let place): "\(Dimension(symbol: item.symbol)) = \(place)"
      }
    }
    return "define \(items.joined(separator: ", "))"
  }

  /// `start all_reduce 3 sum f32 root 0 (temporary 1 to temporary 4 count n) at …`
  private func text(of collective: Step.Collective) -> String {
    let parts = collective.parts.map { "\($0.send) to \($0.receive) count \($0.count)" }
    return
      "\(collective.phase.rawValue) \(collective.kind.rawValue) \(collective.number) \(collective.reduction.rawValue) "
      + "\(collective.elementType) root \(collective.root)\(collective.ranks.map { " ranks \($0)" } ?? "") "
      + "(\(parts.joined(separator: ", ")))\(place(collective.location))"
  }

  private func text(of loop: Step.Loop) -> String {
    let limit =
      switch loop.trips {
      case nil: ""
      case .size(let trips): " below \(trips)"
      case .stored(let trips): " below \(trips)"
      }
    return "loop \(Dimension(symbol: loop.symbol))\(limit)\(loop.condition.map { " while \($0)" } ?? "")"
  }

  private func text(of call: KernelCall) -> String {
    let arguments = call.buffers.map(\.description) + call.scalars.map(\.description)
    let name = TextForm.word(program.kernels[call.kernel].name)
    let origins = call.origins.map { $0 == .unknown ? "unknown" : $0.description }
    return "call @\(name)(\(arguments.joined(separator: ", "))) work \(call.work)\(place(call.location))"
      + (origins.isEmpty ? "" : " origins \(origins.joined(separator: ", "))")
  }
}
