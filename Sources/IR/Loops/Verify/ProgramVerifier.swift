extension LoweredProgram {
  /// Checks kernels, steps and, where it is planned, memory; throws ``BrokenProgram`` with everything that is wrong.
  public func verify() throws {
    var verifier = ProgramVerifier(self)
    verifier.checkKernels()
    verifier.checkSteps()
    if let broken = verifier.broken { throw broken }
  }

  /// Checks steps and memory alone, where the kernels are those of a program that was checked.
  public func verifySteps() throws {
    var verifier = ProgramVerifier(self)
    verifier.checkSteps()
    if let broken = verifier.broken { throw broken }
  }
}

/// A program that breaks a rule of the loop IR: a mistake of a lowering or a pass, not of the user's model.
public struct BrokenProgram: Error, CustomStringConvertible, Sendable {
  /// What is wrong, one message a line, kernels printed with marks under the lines concerned.
  public var text: String
  /// The messages alone.
  public var mistakes: [String]
  /// The pass that left it.
  public var pass: String?

  public var description: String {
    let culprit = pass.map { " after '\($0)'" } ?? ""
    return "the program is broken\(culprit), which is a bug of tensorc:\n\(text)"
  }
}

/// Collects what is wrong with a program.
struct ProgramVerifier {
  private let program: LoweredProgram
  private var mistakes: [String] = []
  private var kernels: [(kernel: Kernel, mistakes: [KernelMistake])] = []

  init(_ program: LoweredProgram) { self.program = program }

  var broken: BrokenProgram? {
    if mistakes.isEmpty && kernels.isEmpty { return nil }
    let printed = kernels.map { Self.marked($0.kernel, $0.mistakes) }
    let messages = kernels.flatMap { entry in entry.mistakes.map { "kernel '\(entry.kernel.name)': \($0.message)" } }
    return BrokenProgram(text: (mistakes + printed).joined(separator: "\n"), mistakes: mistakes + messages)
  }

  mutating func checkKernels() {
    var names: Set<String> = []
    let owned = program.ownedParameters
    for (number, kernel) in program.kernels.enumerated() {
      if !names.insert(kernel.name).inserted { mistakes.append("two kernels are called '\(kernel.name)'") }
      let found = KernelVerifier.mistakes(in: kernel, owned: owned[number])
      if !found.isEmpty { kernels.append((kernel, found)) }
    }
  }

  mutating func checkSteps() {
    var steps = StepVerifier(program)
    steps.run()
    mistakes += steps.mistakes
  }

  /// The kernel's text with what is wrong under the lines.
  static func marked(_ kernel: Kernel, _ mistakes: [KernelMistake]) -> String {
    var printer = LoopPrinter(kernel)
    var lines: [String] = []
    for line in printer.lines() {
      lines.append("    " + line.text)
      let indent = line.text.prefix { $0 == " " }.count
      for mistake in mistakes where line.statement != nil && mistake.statement == line.statement {
        lines.append("    " + String(repeating: " ", count: indent) + "^ " + mistake.message)
      }
    }
    return mistakes.filter { $0.statement == nil }.map { "kernel '\(kernel.name)': \($0.message)\n" }.joined()
      + lines.joined(separator: "\n")
  }
}

extension LoweredProgram {
  /// For each kernel the positions of its parameters for which some call passes memory that each thread has for itself.
  var ownedParameters: [Set<Int>] {
    var owned = [Set<Int>](repeating: [], count: kernels.count)
    for call in calls where kernels.indices.contains(call.kernel) {
      for (position, reference) in call.buffers.enumerated() {
        if case .temporary(let number) = reference, temporaries.indices.contains(number), temporaries[number].perThread
        {
          owned[call.kernel].insert(position)
        }
      }
    }
    return owned
  }
}

extension LoweredProgram {
  /// For each call, in order, what is known of where its kernel reads and writes. Calls of one kernel with the same numbers
  /// are looked at once.
  func bounds() -> [(kernel: Int, report: BoundsReport, mistakes: [KernelMistake])] {
    struct Key: Hashable {
      var kernel: Int
      var numbers: [Dimension]
    }
    var known: [Key: BoundsVerifier] = [:]
    return calls.map { call in
      let kernel = kernels[call.kernel]
      let extents = zip(call.buffers, kernel.buffers).map { elements(of: $0, as: $1.buffer.element) }
      let key = Key(kernel: call.kernel, numbers: extents + call.scalars)
      let verifier =
        known[key] ?? BoundsVerifier(kernel, extents: extents, scalars: call.scalars, symbols: symbols)
      known[key] = verifier
      return (call.kernel, verifier.report, verifier.mistakes)
    }
  }

  /// For each call, the kernel and what is proved of its reads and writes.
  public func boundsReports() -> [(kernel: Int, report: BoundsReport)] { bounds().map { ($0.kernel, $0.report) } }

  /// How many elements of a type a buffer has.
  private func elements(of reference: BufferReference, as element: ElementType) -> Dimension {
    let bytes: Dimension
    switch reference {
    case .input(let number): bytes = inputs[number].type.byteCount
    case .output(let number): bytes = outputs[number].type.byteCount
    case .constant(let number): bytes = Dimension(constants[number].bytes.count)
    case .temporary(let number): bytes = temporaries[number].bytes
    }
    return element.bitWidth >= 8 ? bytes.floorDivided(by: Dimension(element.bitWidth / 8)) : bytes * 2
  }
}
