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
  private let memoryBudget: MemoryBudget?

  /// The names of the weights that are trained, and how many numbers they hold.
  public var weights: [(name: String, count: Int)] { source.model.weights.map { ($0.name, $0.value.count) } }

  /// - Parameters:
  ///   - name: what the functions' names begin with, once it is a C identifier.
  ///   - memoryBudget: the most workspace of a step.
  /// - Throws: what of the model has no gradient, with its place; other diagnostics about the model.
  public init(
    _ model: TrainableModel, _ options: TrainStepOptions, name: String, compiler: ModelCompiler,
    threads: ThreadMode? = nil, memoryBudget: MemoryBudget? = nil
  ) throws {
    source = TrainStepSource(
      prefix: ProgramPrinter.prefix(of: name), model: model, functions: try TrainStepFunctions(model, options),
      options: options)
    (self.compiler, self.threads, self.memoryBudget) = (compiler, threads, memoryBudget)
  }

  /// What was written: the files, and what the functions' names begin with.
  public struct Result {
    public var files: [String]
    public var prefix: String
    /// The bytes of workspace of a step, without what every thread has for itself.
    public var workspace: TensorIR.Dimension
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
    let names: [String]
    let workspace: TensorIR.Dimension
    if isSource {
      (_, names, workspace) = try writeSources(stem, target: target, in: place.staging)
    } else {
      names = ["\(stem).\(isLibrary ? url.pathExtension : "so")", "\(stem).h"]
      workspace = try build(stem, to: place.staging, names, target: target)
    }
    let directory = String(output.dropLast(url.lastPathComponent.count))
    _ = try place.publish(names)
    return Result(files: names.map { directory + $0 }, prefix: source.prefix, workspace: workspace)
  }

  /// The library and its header, from C that nobody sees.
  private func build(_ stem: String, to folder: URL, _ names: [String], target: Target) throws -> TensorIR.Dimension {
    let scratch = try ScratchDirectory.temporary()
    let sources = try writeSources(stem, target: target, in: scratch.url)
    compiler.progress?("C compiler")
    let library = try LibraryCompiler(cache: compiler.cache)
    try library.link(
      sources.code, in: scratch, to: folder.appendingPathComponent(names[0]), target: target,
      threads: threads ?? library.toolchain.threads)
    try Data(source.header.utf8).write(to: folder.appendingPathComponent(names[1]))
    return sources.workspace
  }

  private func writeSources(
    _ stem: String, target: Target, in folder: URL
  ) throws -> (code: [String], all: [String], workspace: TensorIR.Dimension) {
    var workspace: TensorIR.Dimension = 0
    var (code, all) = (["\(stem).c"], ["\(stem).c", "\(stem).h"])
    let functions = source.functions
    for (kind, function) in [
      ("initial", functions.initial), ("step", functions.step), ("evaluate", functions.evaluate),
      ("infer", functions.infer),
    ] {
      compiler.progress?(kind)
      var compiler = compiler
      compiler.options.memoryBudget = kind == "step" ? memoryBudget : nil
      let program = try compiler.lower(function, for: target)
      if kind == "step" { workspace = ModelSummary(program).workspace ?? 0 }
      let url = folder.appendingPathComponent("\(stem)_\(kind).c")
      let mode = try threads ?? Toolchain.discover(cache: compiler.cache).threads
      let files = try LibraryCompiler.compile(
        program, to: url, kind: .source, target: target, prefix: "\(source.prefix)_\(kind)", threads: mode)
      code.append(url.lastPathComponent)
      all += [files.main, files.header, files.weights].compactMap { $0?.lastPathComponent }
    }
    try Data(source.header.utf8).write(to: folder.appendingPathComponent("\(stem).h"))
    try Data(source.source(headerName: "\(stem).h").utf8).write(to: folder.appendingPathComponent("\(stem).c"))
    return (code, all, workspace)
  }
}
