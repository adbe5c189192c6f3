import ArgumentParser
import Foundation
import TensorDriver
import TensorIR
import TensorPasses

/// In what products are computed.
struct PrecisionOptions: ParsableArguments {
  @Option(
    name: .customLong("precision"),
    help: ArgumentHelp(
      "In what matrix products and convolutions of f32 are computed: f32; bf16, operands rounded to it and sums in f32; bf16x3 or bf16x6, f32 by three or six products of bf16; or mixed:TOLERANCE, bf16 except where a product's relative error on the data is greater.",
      valueName: "f32|bf16|bf16x3|bf16x6|mixed:tolerance"))
  var setting = PrecisionSetting.f32

  @Option(
    name: .customLong("precision-data"),
    help: ArgumentHelp("The data by which --precision mixed measures; by default the command's own.", valueName: "dir"))
  var data: String?

  func validate() throws {
    if data != nil {
      guard case .mixed = setting else {
        throw ValidationError("--precision-data goes with --precision mixed:TOLERANCE")
      }
    }
  }

  /// What it means for a model, measured on the inputs given where no data is named.
  func resolved(for model: LoadedModel, inputs: [DataInput]? = nil, by compiler: ModelCompiler) throws -> Precision {
    let named = try data.map { try DataFiles.directories($0).map { try DataInput.read($0) } }
    return try setting.resolved(for: model, data: named ?? inputs.map { [$0] } ?? [], by: compiler)
  }

  /// What it means for a command that runs nothing.
  ///
  /// - Throws: `precision-data` for `mixed`, which measures.
  func unmeasured() throws -> Precision {
    guard let precision = setting.fixed else {
      throw Diagnostic("precision-data", "this command measures nothing: --precision takes all but mixed here")
    }
    return precision
  }
}

extension PrecisionSetting: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// Which ways of writing kernels are measured.
struct TuningOptions: ParsableArguments {
  @Option(
    name: .customLong("tune"),
    help: ArgumentHelp(
      "Measure on this machine which ways of writing kernels are fastest for the model, and keep the choice in a file; where the file is there, it is read.",
      valueName: "file"))
  var file: String?

  @Option(
    name: .customLong("tune-data"),
    help: ArgumentHelp("The data that --tune runs on; by default the command's own, or what is made.", valueName: "dir")
  )
  var data: String?

  func validate() throws {
    if data != nil, file == nil { throw ValidationError("--tune-data goes with --tune FILE") }
    if file?.isEmpty == true { throw ValidationError("--tune takes the name of a file") }
  }

  /// The file; nil where there is none yet.
  ///
  /// - Throws: `tuning-file` where it is none, or of another target.
  func read(for compiler: ModelCompiler) throws -> TuningFile? {
    guard let file, FileManager.default.fileExists(atPath: file) else { return nil }
    let tuning = try TuningFile(path: file)
    let target = try compiler.targetForText().name
    if tuning.target != target {
      throw Diagnostic(
        "tuning-file", "'\(file)' was measured for '\(tuning.target)', and the target is '\(target)': name another file"
      )
    }
    return tuning
  }
}

extension TargetOptions {
  /// Resolves the options that need measuring, on the inputs given where no data is named, and prints what was found.
  func configure(
    _ compiler: inout ModelCompiler, for loaded: LoadedModel, _ path: String, inputs: [DataInput]? = nil,
    threads: Int? = nil, console: Console
  ) throws {
    let current = compiler
    compiler.options.precision = try about(path) { try precision.resolved(for: loaded, inputs: inputs, by: current) }
    guard let file = tuning.file else { return }
    compiler.options.tuning = try tuning.read(for: compiler)
    if compiler.options.tuning != nil { return }
    // What cannot be written is found before minutes of measuring.
    try OutputPlace(for: file).discard()
    let named = try tuning.data.flatMap { try DataFiles.directories($0).first }.map { try DataInput.read($0) }
    if named == nil, inputs == nil {
      console.note("note: --tune measures on inputs that are made: --tune-data gives others")
    }
    let tuner = Tuner(compiler, threads: threads)
    let (found, findings) = try about(path) { try tuner.tune(loaded, inputs: named ?? inputs) }
    try found.write(to: file)
    console.endProgress()
    console.note(Self.table(findings, file))
    compiler.options.tuning = found
  }

  /// The same for a command that runs nothing.
  ///
  /// - Throws: a `Diagnostic` where something would have to be measured.
  func configureUnmeasured(_ compiler: inout ModelCompiler) throws {
    compiler.options.precision = try precision.unmeasured()
    compiler.options.tuning = try tuning.read(for: compiler)
    if let file = tuning.file, compiler.options.tuning == nil {
      throw Diagnostic("tuning-file", "there is no '\(file)', and this command measures nothing: compile writes it")
    }
  }

  private static func table(_ findings: [Tuner.Finding], _ file: String) -> String {
    let rows = findings.map { finding in
      let change = finding.ratio.map { "\(Readable.fixed((1 - $0) * 100, 1)) % less time" } ?? "as the rules say"
      return ["tuned", finding.name, "\(finding.value)", change]
    }
    return Readable.table(rows + [["wrote", file]], indent: "")
  }
}
