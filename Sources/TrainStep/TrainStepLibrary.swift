import Foundation
import TensorCodegenC
import TensorDriver
import TensorIR
import TensorPasses

/// Writes a training library: C, or a shared library with its header.
public struct TrainStepLibrary {
  private let source: TrainStepSource
  private let compiler: ModelCompiler
  private let threads: ThreadMode?

  /// The names of the weights that are trained, and how many numbers they hold.
  public var weights: [(name: String, count: Int)] { source.model.weights.map { ($0.name, $0.value.count) } }

  /// - Parameter name: what the functions' names begin with, once it is a C identifier.
  /// - Throws: what of the model has no gradient, with its place; other diagnostics about the model.
  public init(
    _ model: TrainableModel, _ options: TrainStepOptions, name: String, compiler: ModelCompiler,
    threads: ThreadMode? = nil
  ) throws {
    source = TrainStepSource(
      prefix: ProgramPrinter.prefix(of: name), model: model, functions: try TrainStepFunctions(model, options),
      options: options)
    (self.compiler, self.threads) = (compiler, threads)
  }

  /// What was written: the files, and what the functions' names begin with.
  public struct Result {
    public var files: [String]
    public var prefix: String
  }

  /// Writes `OUT.c`, `OUT.h` and the C of each function beside them where `output` ends in `.c`; else a shared library and
  /// its header. All files appear, or none.
  /// - Throws: `ToolchainMissing`, diagnostics; what the C compiler says.
  public func write(to output: String) throws -> Result {
    let url = URL(fileURLWithPath: output)
    let isSource = url.pathExtension == "c"
    let isLibrary = url.pathExtension == "so" || url.pathExtension == "dylib"
    let stem = isSource || isLibrary ? url.deletingPathExtension().lastPathComponent : url.lastPathComponent
    let place = try OutputPlace(for: output)
    defer { place.discard() }
    let target = try isSource ? compiler.targetForText() : compiler.target()
    let sources = try writeSources(stem, target: target, in: place.staging)
    var names = sources.all
    if !isSource {
      let library = "\(stem).\(isLibrary ? url.pathExtension : "so")"
      compiler.progress?("C compiler")
      try build(sources.code, to: library, target: target, in: place.staging)
      names = [library, "\(stem).h"]
    }
    let directory = String(output.dropLast(url.lastPathComponent.count))
    _ = try place.publish(names)
    return Result(files: names.map { directory + $0 }, prefix: source.prefix)
  }

  private func writeSources(
    _ stem: String, target: Target, in folder: URL
  ) throws -> (code: [String], all: [String]) {
    var (code, all) = (["\(stem).c"], ["\(stem).c", "\(stem).h"])
    let functions = source.functions
    for (kind, function) in [
      ("initial", functions.initial), ("step", functions.step), ("evaluate", functions.evaluate),
      ("infer", functions.infer),
    ] {
      compiler.progress?(kind)
      let program = try compiler.lower(function, for: target)
      let url = folder.appendingPathComponent("\(stem)_\(kind).c")
      let mode = try threads ?? Toolchain.discover(cache: compiler.cache).threads
      let files = try LibraryCompiler.compile(
        program, to: url, kind: .source, target: target, prefix: "\(source.prefix)_\(kind)", threads: mode)
      code.append(url.lastPathComponent)
      all += [files.main, files.header, files.weights].compactMap { $0?.lastPathComponent }
    }
    try Data(source.header.utf8).write(to: folder.appendingPathComponent("\(stem).h"))
    try Data(source.source(headerName: "\(stem).h").utf8).write(to: folder.appendingPathComponent("\(stem).c"))
    return (code, all)
  }

  /// Compiles the sources side by side and links them.
  private func build(_ sources: [String], to library: String, target: Target, in folder: URL) throws {
    let toolchain = try Toolchain.discover(cache: compiler.cache)
    let mode = threads ?? toolchain.threads
    let flags = CompilerFlags.recommended(for: target, threads: mode) + ["-w", "-fPIC", "-fvisibility=hidden"]
    var objects: [String] = []
    var running: [CompilerRun] = []
    for source in sources {
      // As many at once as there are processors.
      if running.count >= ProcessInfo.processInfo.activeProcessorCount { try running.removeFirst().finish() }
      objects.append(source.dropLast(2) + ".o")
      let arguments = flags + ["-c", source, "-o", objects[objects.count - 1]]
      running.append(try CompilerRun(toolchain.compiler, arguments, in: folder))
    }
    for run in running { try run.finish() }
    // OpenMP's threads outlive the library, so it must never be unloaded.
    let keep = library.hasSuffix(".dylib") ? [] : ["-Wl,-z,nodelete"]
    let openMP = mode == .openMP ? ["-fopenmp"] : []
    let link = ["-shared"] + keep + openMP + objects + ["-o", library, "-lm"]
    try CompilerRun(toolchain.compiler, link, in: folder).finish()
  }
}

/// A run of the C compiler that has begun.
private struct CompilerRun {
  private let process = Process()
  private let errors: URL

  init(_ compiler: String, _ arguments: [String], in folder: URL) throws {
    errors = folder.appendingPathComponent("errors-\(UUID().uuidString).txt")
    try Data().write(to: errors)
    process.executableURL = URL(fileURLWithPath: compiler)
    process.currentDirectoryURL = folder
    process.arguments = arguments
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  func finish() throws {
    process.waitUntilExit()
    if process.terminationStatus == 0 { return }
    let said = String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self)
    throw Diagnostic(
      "c-compiler-failed",
      "the C compiler failed on the emitted code, which is a bug of tensorc: please report it with the model\n\(said)")
  }
}
