import ArgumentParser
import Foundation
import TensorCodegenC
import TensorDriver
import TensorIR
import TensorPasses

/// `tensorc compile`
struct CompileCommand: ParsableCommand, Exemplified {
  static let example = "tensorc compile model.onnx -o build/model --emit so,c --dim batch=1..64"

  static let configuration = CommandConfiguration(
    commandName: "compile", abstract: "Compile a model to a library, to C or to an archive.",
    discussion: """
      OUT ending in .so, .dylib, .a, .c or .tir chooses what is written; otherwise OUT is what the names of \
      the files begin with, and --emit chooses. Missing directories are made. The symbols of the library begin \
      with the last part of OUT as a C identifier.

      --emit takes: so, a shared library; a, an archive; c, C; s, assembler; ir, the text of the model; swift, a Swift \
      file that calls the library, by the name of OUT; cmake and pc, by which CMake and pkg-config find a library that \
      is written beside them. C code and libraries come with a header. Results that are text in the model are places \
      among texts, which OUT.labels.json holds.
      """)

  @Argument(help: "A model, .onnx or .tir.")
  var model: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "out"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "What to write: some of so, c, a, s, ir, swift, cmake, pc with commas between them.", valueName: "kinds"))
  var emit: [KindList] = []

  @Option(
    name: .customLong("threads"),
    help: ArgumentHelp("'none' builds without OpenMP.", valueName: "none|openmp"))
  var threadMode: String?

  @Flag(
    help: "For tests: a run tells of kernels that write outside their memory, and unwritten memory is NaN.")
  var checks = false

  @Option(name: .customLong("stop-after"), help: "Stop after a stage and write the text that it leaves.")
  var last: Stage?

  @Option(
    name: .customLong("start-from"), help: "The model is the text that the stages before this one left.")
  var first: Stage?

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var code: TargetOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    if let threadMode, threadMode != "none", threadMode != "openmp" {
      throw ValidationError(
        "--threads of compile takes none or openmp; how many a call uses is its own choice")
    }
    if let file = code.tuning.file, URL(fileURLWithPath: file) == URL(fileURLWithPath: output) {
      throw ValidationError("--tune and -o name the same file, '\(file)'")
    }
    if last != nil, emit.flatMap(\.kinds).contains(where: { $0 != .ir }) {
      throw ValidationError("--stop-after leaves text only: it excludes --emit of anything but ir")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    let emission = try emission()
    guard ModelLoader.kind(of: model) != nil else {
      throw UsageError("model-kind", "'\(model)' is not a model: its name ends neither in .onnx nor in .tir")
    }
    let start = ContinuousClock.now
    console.progress("read \(model)")
    let (source, summary, labels, loaded) = try load()
    let threads: ThreadMode? = threadMode.map { $0 == "none" ? .none : .openMP }
    var options = code.options
    (options.threads, options.first) = (threads, first ?? .imported)
    (options.checks, options.memoryBudget) = (checks, memory.memoryBudget)
    var compiler = ModelCompiler(options) { console.progress($0) }
    if let loaded {
      try code.configure(&compiler, for: loaded, model, console: console)
    } else if code.precision.setting != .f32 || code.tuning.file != nil {
      throw UsageError("text-kind", "--precision and --tune take a model, and '\(model)' is a lowered program")
    }
    let result = try about(model) {
      try compiler.emit(source, emission, stopAfter: last ?? first ?? .imported, labels: labels)
    }
    console.endProgress()
    let seconds = Readable.fixed((ContinuousClock.now - start).milliseconds / 1000, 1)
    if !consoleOptions.quiet { console.result(report(result, summary, emission, seconds)) }
  }

  /// The model; a program that a later stage left has a text of its own.
  private func load() throws -> (CompilerInput, ModelSummary, labels: [String: [String]], LoadedModel?) {
    if ModelLoader.kind(of: model) == .tir, let program = try about(model, { try TextBundle.readProgram(model) }) {
      guard modelOptions.isEmpty else {
        throw UsageError("text-kind", "--dim and --const take a function, and '\(model)' is a lowered program")
      }
      return (.program(program), ModelSummary(program), try LabelFile.labels(beside: model), nil)
    }
    let loaded = try modelOptions.load(model)
    return (.function(loaded.function), ModelSummary(loaded.function), loaded.labels, loaded)
  }

  private func emission() throws -> Emission {
    do {
      let kinds = emit.flatMap(\.kinds)
      var isDirectory: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: output, isDirectory: &isDirectory)
      let hasEnding = EmittedKind(fileExtension: URL(fileURLWithPath: output).pathExtension) != nil
      if isThere, isDirectory.boolValue, !hasEnding {
        let name = URL(fileURLWithPath: model).deletingPathExtension().lastPathComponent
        let file = URL(fileURLWithPath: output, isDirectory: true).appendingPathComponent(name).relativePath
        throw UsageError(
          "output-name",
          "'\(output)' is a directory, and -o takes a file: did you mean '-o \(Describe.argument(file))'?")
      }
      // After --stop-after there is text, whatever the name.
      return try Emission(output: output, kinds: last != nil ? [.ir] : kinds)
    } catch let error as Diagnostic { throw UsageError(error.id, error.message) }
  }

  private func report(
    _ result: EmissionResult, _ summary: ModelSummary, _ emission: Emission, _ seconds: String
  ) -> String {
    var rows = result.files.map { ["wrote", $0.path, Readable.bytes($0.byteCount)] }
    if rows.isEmpty { rows = [["wrote nothing"]] }
    var lines = [Readable.table(rows, indent: "")]
    lines.append("inputs   " + CompileCommand.values(summary.inputs))
    lines.append("outputs  " + CompileCommand.values(summary.outputs))
    let given = summary.symbols.filter { !$0.isComputed }
    if !given.isEmpty {
      lines.append(
        "sizes    " + given.map(Describe.symbol).joined(separator: ", ") + ", chosen by each call")
    }
    if let prefix = result.prefix { lines.append("symbols  \(prefix)_create, \(prefix)_run, …") }
    if let target = result.target {
      let threads = result.threads.map { $0 == .openMP ? ", OpenMP" : ", serial" } ?? ""
      lines.append(
        "built    for \(target.name)\(threads) in \(seconds) s"
          + (result.wasCached ? " (from the cache)" : ""))
      if result.threads == ThreadMode.none, threadMode == nil {
        lines.append("note     no OpenMP runtime was found, so the library is serial: see 'tensorc doctor'")
      }
    }
    lines.append("next     " + nextCommand(result, emission))
    return lines.joined(separator: "\n")
  }

  private static func values(_ values: [Value]) -> String {
    let shown = values.prefix(8).map { "\($0.name): \($0.type)" }.joined(separator: ", ")
    return values.count > 8 ? "\(shown), … (\(values.count))" : shown
  }

  private func nextCommand(_ result: EmissionResult, _ emission: Emission) -> String {
    guard let first = result.files.first else { return "tensorc inspect \(Describe.argument(model))" }
    let path = Describe.argument(first.path)
    switch emission.kinds.first {
    case .so: return "tensorc verify \(path) --data DIR    (input_0.npy, output_0.npy, …)"
    case .c: return "head -n 12 \(path)    (the command that compiles it)"
    case .a, .s: return "cc main.c \(path) \(result.threads == .openMP ? "-fopenmp " : "")-lm"
    case .swift: return "add \(path) to a target that depends on TensorRuntime"
    default: return "tensorc opt \(path)"
    }
  }
}
