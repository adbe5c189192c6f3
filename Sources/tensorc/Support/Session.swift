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

  @Flag(name: .customLong("static"), help: "Compile the model for the very shapes of the data.")
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
    if code.target != nil || code.dumpDirectory != nil {
      throw ValidationError("--target and --dump-dir need a model: a library is compiled already")
    }
  }

  /// The function for given inputs, told what was bound from them.
  func load(for inputs: [DataInput]) throws -> LoadedModel {
    try about(subject) {
      let tensors = inputs.map(\.tensor)
      let constants = try model.readConstants()
      var loaded = try ModelLoader.load(
        subject, dimensions: model.dimensions, constants: constants, data: tensors)
      Console.warn(loaded.warnings, of: subject)
      if isStatic { loaded = try loaded.specialized(to: tensors) }
      for name in loaded.inputNames {
        if let reason = loaded.bound[name] { console.note("note: input '\(name)' is a constant: \(reason)") }
      }
      return loaded
    }
  }

  /// The library, loaded; compiled first where the subject is a model.
  func open(for inputs: [DataInput]) throws -> OpenSession {
    guard !isLibrary else {
      let start = ContinuousClock.now
      let runner = try about(subject) { try LibraryRunner(path: subject, threads: threads) }
      return OpenSession(runner: runner, file: subject, compileTime: .zero, loadStart: start, wasCached: true)
    }
    let console = console
    let begin = ContinuousClock.now
    let loaded = try load(for: inputs)
    let options = CompileOptions(target: code.target, dumpDirectory: code.dumpDirectory)
    let compiler = ModelCompiler(options) { console.progress($0) }
    let name = URL(fileURLWithPath: subject).deletingPathExtension().lastPathComponent
    let library = try about(subject) { try compiler.library(loaded.function, named: name) }
    console.endProgress()
    let compileTime = ContinuousClock.now - begin
    let start = ContinuousClock.now
    let runner = try about(subject) { try LibraryRunner(library, of: loaded, threads: threads) }
    return OpenSession(
      runner: runner, file: library.path, compileTime: compileTime, loadStart: start,
      wasCached: library.files?.wasCached ?? false)
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
}

extension Duration {
  var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
