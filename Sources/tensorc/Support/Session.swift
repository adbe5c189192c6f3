import ArgumentParser
import Foundation
import TensorData
import TensorDriver
import TensorIR
import TensorRuntime

/// What `run`, `verify` and `bench` have in common: a model or a library, made ready for the inputs of a directory.
struct SessionOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A model (.onnx, .tir) or a compiled library (.so, .dylib).", valueName: "model|lib"))
  var subject: String

  @Option(help: "The most threads that a call may use; by default all processors.")
  var threads: Int?

  @Flag(
    name: .customLong("static"),
    help: "Compile the model for the very shapes of the data, and for its short integer inputs (up to 16 elements).")
  var isStatic = false

  @OptionGroup var model: ModelOptions
  @OptionGroup var code: TargetOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  var console: Console { consoleOptions.console }

  var isLibrary: Bool { ModelLoader.kind(of: subject) == nil }

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number of at least 1") }
    guard isLibrary else { return }
    if isStatic { throw ValidationError("--static needs a model: a compiled library keeps its shapes") }
    if !model.isEmpty {
      throw ValidationError("--dim and --const need a model: a compiled library keeps its inputs")
    }
    if code.target != nil || code.dumpDirectory != nil || code.precision.setting != .f32
      || code.avoidsWinograd || code.tuning.file != nil
    {
      throw ValidationError(
        "--target, --precision, --no-winograd, --tune and --dump-dir need a model: a library is compiled already")
    }
  }

  /// The function for given inputs; those that `--const` gives are told of.
  func load(for inputs: [DataInput]) throws -> LoadedModel {
    let loaded = try model.load(subject, data: LoadData(inputs.map(\.tensor), isStatic: isStatic))
    Console.warn(loaded.warnings, of: subject)
    for name in loaded.inputNames where loaded.bound[name] == .given {
      console.note("note: input '\(name)' is a constant: given with --const")
    }
    return loaded
  }

  /// What the options ask of a compiler for a model and its inputs.
  func configure(_ compiler: inout ModelCompiler, for loaded: LoadedModel, inputs: [DataInput]?) throws {
    try code.configure(&compiler, for: loaded, subject, inputs: inputs, threads: threads, console: console)
  }

  /// What was taken from the data and what `compile` would need instead; nil where nothing was.
  func takenFromData(_ loaded: LoadedModel?, _ inputs: [DataInput]) -> String? {
    guard let loaded else { return nil }
    var (names, options): ([String], [String]) = ([], [])
    for input in inputs where input.number < loaded.inputNames.count {
      let name = loaded.inputNames[input.number]
      guard loaded.bound[name] == .taken else { continue }
      names.append("'\(name)'")
      options.append("--const \(Describe.argument("\(name)=\(input.file)"))")
    }
    guard !names.isEmpty else { return nil }
    options += loaded.fixed.compactMap { setting in
      setting.fixed.map { "--dim \(Describe.argument("\(setting.name)=\($0)"))" }
    }
    let (inputs, are) = names.count == 1 ? ("input", "is a constant") : ("inputs", "are constants")
    return "note: \(inputs) \(names.joined(separator: ", ")) \(are), taken from the data; "
      + "compile needs \(options.joined(separator: " "))"
  }

  /// The library with the inputs of a directory, or with inputs that are made, of which a note tells.
  func open(_ directory: DataDirectory?) throws -> (session: OpenSession, inputs: [DataInput]) {
    if let directory {
      let inputs = try DataInput.read(directory)
      return (try open(for: inputs), inputs)
    }
    guard !isStatic else {
      throw UsageError("static-data", "--static takes the shapes of data, and there is none: use --dim NAME=N instead")
    }
    let opened = try open(for: nil)
    let inputs = try about(subject) { try MadeInputs.make(for: opened.runner) }
    let made = inputs.map { "\(opened.runner.name(of: $0)) \($0.tensor.typeText)" }
    console.note("note: without data, inputs are made: \(made.isEmpty ? "none" : made.joined(separator: ", "))")
    return (opened, inputs)
  }

  /// The library, loaded; compiled first where the subject is a model.
  /// - Parameter inputs: what it is to be called with; nil where that is made afterwards.
  func open(for inputs: [DataInput]?) throws -> OpenSession {
    guard !isLibrary else {
      let start = ContinuousClock.now
      let runner = try about(subject) { try LibraryRunner(path: subject, threads: threads) }
      return OpenSession(
        runner: runner, file: subject, compileTime: .zero, loadStart: start, wasCached: true,
        labels: try LabelFile.labels(beside: subject))
    }
    let console = console
    let begin = ContinuousClock.now
    let loaded = try inputs.map { try load(for: $0) } ?? model.load(subject)
    var compiler = ModelCompiler(code.options) { console.progress($0) }
    try configure(&compiler, for: loaded, inputs: inputs)
    let name = URL(fileURLWithPath: subject).deletingPathExtension().lastPathComponent
    let library = try about(subject) { try compiler.library(loaded.function, named: name) }
    console.endProgress()
    let compileTime = ContinuousClock.now - begin
    let start = ContinuousClock.now
    let runner = try about(subject) { try LibraryRunner(library, of: loaded, threads: threads) }
    return OpenSession(
      runner: runner, file: library.path, compileTime: compileTime, loadStart: start,
      wasCached: library.files?.wasCached ?? false, note: takenFromData(loaded, inputs ?? []), labels: loaded.labels)
  }
}

/// A library ready to be called, and what it took.
struct OpenSession {
  var runner: LibraryRunner
  var file: String
  var compileTime: Duration
  /// When loading began; it ends with the first run.
  var loadStart: ContinuousClock.Instant
  var wasCached: Bool
  /// What was taken from the data, to be told at the end.
  var note: String?
  /// The texts of the outputs that are places among texts, by name.
  var labels: [String: [String]] = [:]
}

extension Duration {
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
