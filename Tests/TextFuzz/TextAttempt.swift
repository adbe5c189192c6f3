import TensorCodegenC
import TensorIR
import TensorOps
import TensorPasses

/// One text through all that a command does with it, in this process.
public struct TextAttempt {
  public enum Outcome: Sendable {
    /// It was refused with a message of this id.
    case refused(String)
    case compiled
    /// What should not be: a message about the compiler itself.
    case fault(String)
  }

  public private(set) var outcome = Outcome.compiled
  /// The functions that were lowered, with the C of each.
  public private(set) var programs: [(function: Function, program: LoweredProgram, files: EmittedFiles)] = []

  public static var ops: OpDirectory { OpDirectory(Registry.types) }

  /// - Parameters:
  ///   - first: the stage to start with.
  ///   - number: what the C is called by, and which target it is for.
  public init(_ text: String, from first: Stage, number: UInt64) {
    do {
      let parsed = TextParser.parse(text, ops: TextAttempt.ops)
      guard parsed.diagnostics.isEmpty else {
        outcome = .refused(parsed.diagnostics[0].id)
        return
      }
      for function in parsed.functions { try attempt(function, first, number) }
      check(text)
    } catch { refuse(error) }
  }

  private mutating func refuse(_ error: any Error) {
    switch error {
    case let error as Diagnostic: refuse(error)
    case let error as Diagnostics: refuse(error.list.first ?? Diagnostic("empty", ""))
    case let error as VerificationError: outcome = .refused(error.diagnostics.first?.id ?? "verify")
    default: outcome = .fault("\(error)")
    }
  }

  private mutating func refuse(_ diagnostic: Diagnostic) {
    if case .fault = outcome { return }
    outcome = diagnostic.id == "internal" ? .fault(diagnostic.description) : .refused(diagnostic.id)
  }

  private mutating func attempt(_ function: Function, _ first: Stage, _ number: UInt64) throws {
    try function.verify()
    let printed = function.text()
    let again = try Function(parsing: printed, ops: TextAttempt.ops)
    if again.text() != printed { outcome = .fault("the text does not read back: \(printed)") }
    let targets = Target.all
    let target = targets[Int(number % UInt64(targets.count))]
    let options = PipelineOptions(target: target)
    let rewritten = try Pipeline.rewrite(function, options, from: first)
    let program = try Pipeline.lower(rewritten, options)
    let name = "p\(number)\(programs.isEmpty ? "" : "_\(programs.count)")"
    let files = try ProgramPrinter(program, target: target, prefix: name, threads: .none).files()
    _ = program.text()
    programs.append((function, program, files))
  }

  /// What `tensorc check` does, which evaluates, and every pass by its name.
  private mutating func check(_ text: String) {
    let passes = NamedPass.all.map(\.name)
    for pass in ["simplify", "decompose", passes[Int(text.utf8.count) % passes.count]] {
      let report = GoldenCheck("// pass: \(pass)\n" + text, file: "text").check(update: true)
      for diagnostic in report.diagnostics where diagnostic.id == "internal" || diagnostic.message.contains("broke the")
      {
        outcome = .fault("check of \(pass): \(diagnostic)")
      }
    }
  }
}
