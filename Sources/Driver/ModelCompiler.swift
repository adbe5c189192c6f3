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
  /// How much workspace a call may take; nil for as much as it takes.
  public var memoryBudget: MemoryBudget?
  /// In what products of f32 are computed.
  public var precision = Precision.f32
  /// Whether convolutions of 3 by 3 may be computed with fewer multiplications; see docs/precision.md.
  public var usesWinograd = true
  /// What was measured to be fastest; nil leaves all to rules.
  public var tuning: TuningFile?

  public init(
    target: String? = nil, threads: ThreadMode? = nil, first: Stage = .imported, dumpDirectory: String? = nil,
    checks: Bool = false, memoryBudget: MemoryBudget? = nil
  ) {
    self.target = target
    self.threads = threads
    self.first = first
    self.dumpDirectory = dumpDirectory
    self.checks = checks
    self.memoryBudget = memoryBudget
  }
}

/// What is compiled: a function, or a program that an earlier run stopped at.
public enum CompilerInput: Sendable {
  case function(Function)
  case program(LoweredProgram)
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
    adjusted(try namedTarget())
  }

  /// A target with the numbers that the options ask for.
  func adjusted(_ target: Target) -> Target {
    var target = target
    options.tuning?.apply(to: &target.tuning)
    if !options.usesWinograd { target.tuning.products.usesWinograd = false }
    return target
  }

  private func namedTarget() throws -> Target {
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
    var pipeline = PipelineOptions(target: target) { stage, function in
      progress?(stage.rawValue)
      try dump?.write(function, after: stage)
    }
    pipeline.memoryBudget = options.memoryBudget
    pipeline.precision = options.precision
    return try Pipeline.rewrite(function, pipeline, from: options.first, to: last)
  }

  /// The products of a model, and in what they are computed.
  public func products(_ function: Function) throws -> [PrecisionProduct] {
    PrecisionProduct.all(of: try rewrite(function, for: try targetForText(), to: .decompose))
  }

  /// The road up to what the emitter prints, or to an earlier stage that leaves a program.
  public func lower(_ function: Function, for target: Target, to last: Stage = .plan) throws -> LoweredProgram {
    if Stage.afterFusion.dropFirst().contains(options.first) {
      throw Diagnostic(
        "start-stage", "'\(options.first.rawValue)' starts from a lowered program, and this is a function")
    }
    let rewritten = try rewrite(function, for: target)
    return try Pipeline.lower(rewritten, try programOptions(target), to: last)
  }

  /// What is left of the road from a program that an earlier run stopped at.
  ///
  /// - Throws: a `Diagnostic` where a stage before ``CompileOptions/first`` is missing.
  public func lower(_ program: LoweredProgram, for target: Target, to last: Stage = .plan) throws -> LoweredProgram {
    try program.verify()
    let stages = Stage.allCases
    let done = stages.firstIndex(of: Stage(rawValue: program.stage.rawValue) ?? .lower) ?? 0
    let first = options.first == .imported ? min(done + 1, stages.count) : stages.firstIndex(of: options.first) ?? 0
    guard first == stages.count || Stage.afterFusion.dropFirst().contains(stages[first]), first <= done + 1 else {
      let (left, asked) = (program.stage.rawValue, options.first.rawValue)
      throw Diagnostic("start-stage", "the text is a program that '\(left)' left, and '\(asked)' cannot start from it")
    }
    if first == stages.count { return program }
    return try Pipeline.finish(program, try programOptions(target), from: stages[first], to: last)
  }

  private func programOptions(_ target: Target) throws -> PipelineOptions {
    let dump = try options.dumpDirectory.map { try StageDump(directory: $0) }
    let progress = progress
    var pipeline = PipelineOptions(
      target: target,
      observeProgram: { stage, program in
        progress?(stage.rawValue)
        try dump?.write(program, after: stage)
      })
    pipeline.memoryBudget = options.memoryBudget
    return pipeline
  }

  /// Either road.
  public func lower(_ source: CompilerInput, for target: Target, to last: Stage = .plan) throws -> LoweredProgram {
    switch source {
    case .function(let function): try lower(function, for: target, to: last)
    case .program(let program): try lower(program, for: target, to: last)
    }
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
