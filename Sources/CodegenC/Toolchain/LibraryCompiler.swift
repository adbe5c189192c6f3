import Foundation
import TensorIR

/// The C compiler rejected what we emitted: a bug of tensorc, whatever the model.
public struct CompilationFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The command that failed.
  public var command: String
  /// What the compiler said.
  public var errors: String
  /// The directory with the C, which is kept.
  public var directory: URL

  public var description: String {
    "error: the C compiler failed on the emitted code, which is a bug of tensorc: please report it with the files in "
      + "\(directory.path) [c-compiler-failed]\n\(command)\n\(errors)"
  }
}

/// What ``LibraryCompiler`` writes.
public enum LibraryKind: String, Hashable, Sendable, CaseIterable {
  /// A shared library.
  case shared
  /// An archive of objects to link, with the header beside it.
  case archive
  /// C with the header and the weights beside it.
  case source
}

/// The files of a compiled program, in the places that were asked for.
public struct CompiledFiles: Hashable, Sendable {
  /// The library, the archive or the C file.
  public var main: URL
  public var header: URL?
  public var weights: URL?
  /// The C identifier that the symbols begin with.
  public var prefix: String
  /// Whether the compiler did not have to run.
  public var wasCached = false
}

/// Compiles lowered programs with the C compiler of the machine.
public struct LibraryCompiler: Sendable {
  public var toolchain: Toolchain
  public var cache: Cache
  /// Sources longer than this are split into translation units that compile in parallel.
  public var bytesPerUnit = 200_000
  /// Macros that the C is compiled with, `NAME=VALUE`.
  public var definitions: [String] = []

  /// - Throws: ``ToolchainMissing`` where there is no compiler.
  public init(toolchain: Toolchain? = nil, cache: Cache = Cache()) throws {
    self.toolchain = try toolchain ?? Toolchain.discover(cache: cache)
    self.cache = cache
  }

  /// Compiles a program with the machine's compiler. See the method of the same name.
  @discardableResult
  public static func compile(
    _ program: LoweredProgram, to url: URL, kind: LibraryKind, target: Target, prefix: String? = nil,
    threads: ThreadMode? = nil, checks: Bool = false
  ) throws -> CompiledFiles {
    if kind == .source {
      let name = prefix ?? url.deletingPathExtension().lastPathComponent
      return try write(
        program, to: url, target: target, prefix: name, threads: threads ?? .openMP, checks: checks)
    }
    return try LibraryCompiler().compile(
      program, to: url, kind: kind, target: target, prefix: prefix, threads: threads, checks: checks)
  }

  /// Compiles a program to a file; missing directories are made, and no half-written file is ever in its place.
  ///
  /// - Parameters:
  ///   - prefix: what symbols begin with; by default the file's name without its extension.
  ///   - threads: by default OpenMP if the toolchain has it.
  ///   - checks: see ``ProgramPrinter``.
  /// - Throws: a ``Diagnostic`` about the program, or a ``CompilationFailure``.
  @discardableResult
  public func compile(
    _ program: LoweredProgram, to url: URL, kind: LibraryKind, target: Target, prefix: String? = nil,
    threads: ThreadMode? = nil, checks: Bool = false
  ) throws -> CompiledFiles {
    let name = prefix ?? url.deletingPathExtension().lastPathComponent
    let mode = threads ?? toolchain.threads
    if kind == .source {
      return try LibraryCompiler.write(
        program, to: url, target: target, prefix: name, threads: mode, checks: checks)
    }
    let files = try emit(program, target: target, prefix: name, threads: mode, checks: checks)
    let flags = compileFlags(target: target, kind: kind, threads: mode)
    let key = cacheKey(files, flags: flags, kind: kind)
    var result = CompiledFiles(main: url, prefix: files.prefix)
    if let known = cache.file(key) {
      try AtomicFile.copy(known, to: url)
      result.wasCached = true
    } else {
      let directory = try TemporaryDirectory()
      let built = try build(files, in: directory, flags: flags, kind: kind, threads: mode)
      try AtomicFile.copy(built, to: url)
      cache.keep(built, as: key)
    }
    if kind == .archive {
      let header = url.deletingPathExtension().appendingPathExtension("h")
      try LibraryCompiler.place(Data(files.header.text.utf8), at: header)
      result.header = header
    }
    return result
  }

  // MARK: Emitting

  private func emit(
    _ program: LoweredProgram, target: Target, prefix: String, threads: ThreadMode, checks: Bool
  ) throws -> EmittedFiles {
    let printer = ProgramPrinter(program, target: target, prefix: prefix, threads: threads, checks: checks)
    let whole = try printer.files()
    let length = whole.sources[0].text.utf8.count
    if length <= bytesPerUnit { return whole }
    return try printer.files(parts: min(length / bytesPerUnit + 1, 64))
  }

  private static func write(
    _ program: LoweredProgram, to url: URL, target: Target, prefix: String, threads: ThreadMode, checks: Bool
  ) throws -> CompiledFiles {
    let stem = url.deletingPathExtension().lastPathComponent
    let printer = ProgramPrinter(
      program, target: target, prefix: prefix, fileName: stem, threads: threads, checks: checks)
    let files = try printer.files()
    let directory = url.deletingLastPathComponent()
    var result = CompiledFiles(main: url, prefix: files.prefix)
    let header = directory.appendingPathComponent(files.header.name)
    try place(Data(files.header.text.utf8), at: header)
    result.header = header
    if let weights = files.weights {
      let temporary = try TemporaryDirectory()
      try weights.write(to: temporary.url)
      let destination = directory.appendingPathComponent(weights.name)
      try AtomicFile.copy(temporary.url.appendingPathComponent(weights.name), to: destination)
      result.weights = destination
    }
    try place(Data(files.sources[0].text.utf8), at: url)
    return result
  }

  private static func place(_ data: Data, at url: URL) throws {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url, options: .atomic)
  }

  // MARK: Compiling

  private func compileFlags(target: Target, kind: LibraryKind, threads: ThreadMode) -> [String] {
    // The text is ours and was tested with all warnings; a newer compiler's opinion must not reach users.
    let shared = kind == .shared ? ["-DTENSORC_SHARED"] : []
    return CompilerFlags.recommended(for: target, threads: threads) + ["-w", "-fPIC", "-fvisibility=hidden"]
      + shared + definitions.map { "-D\($0)" }
  }

  private func cacheKey(_ files: EmittedFiles, flags: [String], kind: LibraryKind) -> String {
    var hash = Fingerprint()
    for file in files.sources + [files.header] { hash.add(file.text) }
    hash.add(String(files.weights?.fingerprint ?? 0))
    for text in [toolchain.compiler, toolchain.version, kind.rawValue] + flags + toolchain.nativeIdentity {
      hash.add(text)
    }
    return "library-\(hash.text).\(kind.rawValue)"
  }

  private func build(
    _ files: EmittedFiles, in directory: TemporaryDirectory, flags: [String], kind: LibraryKind,
    threads: ThreadMode
  ) throws -> URL {
    try files.write(to: directory.url)
    // The compiler runs in the directory, where `.incbin` finds the weights.
    let objects = files.sources.map { $0.name.dropLast(2) + ".o" }
    let commands = zip(files.sources, objects).map { source, object in
      Command(
        executable: toolchain.compiler, arguments: flags + ["-c", source.name, "-o", String(object)],
        directory: directory.url)
    }
    try run(commands, keeping: directory)
    let name = "library.\(kind.rawValue)"
    let link: Command
    if kind == .archive {
      guard let archiver = toolchain.archiver else { throw ToolchainMissing(attempts: ["there is no ar"]) }
      link = Command(
        executable: archiver, arguments: ["rcs", name] + objects.map { String($0) }, directory: directory.url)
    } else {
      link = Command(
        executable: toolchain.compiler,
        arguments: ["-shared"] + linkFlags(threads) + objects.map { String($0) } + ["-o", name, "-lm"],
        directory: directory.url)
    }
    try run([link], keeping: directory)
    return directory.url.appendingPathComponent(name)
  }

  private func linkFlags(_ threads: ThreadMode) -> [String] {
    #if os(macOS)
      let keep: [String] = []
    #else
      // OpenMP's threads outlive the library, so it must never be unloaded.
      let keep = ["-Wl,-z,nodelete"]
    #endif
    return keep + (threads == .openMP ? ["-fopenmp"] : [])
  }

  private func run(_ commands: [Command], keeping directory: TemporaryDirectory) throws {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let outcomes = try Command.run(commands, atOnce: processors)
    for (command, outcome) in zip(commands, outcomes) where !outcome.succeeded {
      directory.keep()
      throw CompilationFailure(
        command: ([command.executable] + command.arguments).joined(separator: " "), errors: outcome.errors,
        directory: directory.url)
    }
  }
}

extension Toolchain {
  /// Native code depends on the processor, which a shared cache directory may outlive.
  var nativeIdentity: [String] { ["\(vectorBytes)", "\(isARM)"] }

  /// The program that makes archives: beside the compiler, or on the PATH.
  var archiver: String? {
    let beside = URL(fileURLWithPath: compiler).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let directories = [beside] + path.split(separator: ":").map(String.init)
    let candidates = directories.flatMap { ["\($0)/ar", "\($0)/llvm-ar"] }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
