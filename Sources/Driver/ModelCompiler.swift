import Foundation
import TensorCodegenC
import TensorIR
import TensorPasses

/// How a model is to be compiled.
public struct CompileOptions: Sendable {
  /// A name out of ``ModelCompiler/targetNames``; nil is the machine's own, or generic where no compiler knows it.
  public var target: String?
  /// Nil is OpenMP if the toolchain has it.
  public var threads: ThreadMode?
  /// The stage at which the function stands already.
  public var first: Stage
  /// Where the text after each stage goes; nil keeps none.
  public var dumpDirectory: String?
  /// Whether a run looks out for kernels that write, or read, where they should not.
  public var checks: Bool

  public init(
    target: String? = nil, threads: ThreadMode? = nil, first: Stage = .imported, dumpDirectory: String? = nil,
    checks: Bool = false
  ) {
    self.target = target
    self.threads = threads
    self.first = first
    self.dumpDirectory = dumpDirectory
    self.checks = checks
  }
}

/// From a function to files: what the command does. Lazy tensors and most tests go from `Pipeline` to `LibraryCompiler`
/// themselves.
public struct ModelCompiler: Sendable {
  public var options: CompileOptions
  public var cache = Cache()
  /// Told of each step as it begins, for whoever waits.
  public var progress: (@Sendable (String) -> Void)?

  public init(_ options: CompileOptions = CompileOptions(), progress: (@Sendable (String) -> Void)? = nil) {
    self.options = options
    self.progress = progress
  }

  /// The values of `--target`.
  public static var targetNames: [String] { ["native"] + Target.all.map(\.name) }

  /// The machine to compile for.
  ///
  /// - Throws: `ToolchainMissing` where only a compiler can tell.
  public func target() throws -> Target {
    let name = options.target ?? "native"
    if let known = Target.all.first(where: { $0.name == name }) { return known }
    guard name == "native" else {
      let names = ModelCompiler.targetNames.joined(separator: ", ")
      throw Diagnostic("unknown-target", "there is no target '\(name)'; the targets are \(names)")
    }
    return try Toolchain.discover(cache: cache).native
  }

  /// The function after the stages up to `last`, which is `fuse` at most.
  public func rewrite(_ function: Function, for target: Target, to last: Stage = .fuse) throws -> Function {
    let dump = try options.dumpDirectory.map { try StageDump(directory: $0) }
    let progress = progress
    let pipeline = PipelineOptions(target: target) { stage, function in
      progress?(stage.rawValue)
      try dump?.write(function, after: stage)
    }
    return try Pipeline.rewrite(function, pipeline, from: options.first, to: last)
  }

  /// The whole road up to what the emitter prints.
  public func lower(_ function: Function, for target: Target) throws -> LoweredProgram {
    let rewritten = try rewrite(function, for: target)
    progress?("lower")
    let program = try Pipeline.lower(rewritten, PipelineOptions(target: target))
    if let directory = options.dumpDirectory { try StageDump(directory: directory).write(program) }
    return program
  }

  /// Compiles a shared library into a directory of its own, by way of the cache, for use by this process.
  public func library(_ function: Function, named name: String) throws -> TemporaryLibrary {
    let compiler = try LibraryCompiler(cache: cache)
    let target = try target()
    let program = try lower(function, for: target)
    progress?("C compiler")
    let directory = try ScratchDirectory.temporary()
    let temporary = TemporaryLibrary(directory: directory)
    let files = try compiler.compile(
      program, to: directory.url.appendingPathComponent("library.so"), kind: .shared, target: target,
      prefix: name,
      threads: options.threads, checks: options.checks)
    temporary.files = files
    return temporary
  }
}

/// A library in a directory that goes when this does; what is loaded by then stays loaded.
public final class TemporaryLibrary {
  private let directory: ScratchDirectory
  public fileprivate(set) var files: CompiledFiles?

  init(directory: ScratchDirectory) { self.directory = directory }

  public var path: String { directory.url.appendingPathComponent("library.so").path }
}
