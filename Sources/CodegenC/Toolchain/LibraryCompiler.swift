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
  /// A shared library, with the header beside it.
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
  /// Sources longer than this are split into translation units that compile in parallel. Each costs the header of the processor's
  /// instructions anew (0.36 s of clang 14 on a Zen 3).
  public var bytesPerUnit = 300_000
  /// Further flags for the C compiler, after the usual ones.
  public var flags: [String] = []

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
    let commands = try commands(files, target: target, kind: kind, threads: mode)
    let key = CacheKey.library(files, commands: commands.compile + [commands.link], kind: kind, toolchain: toolchain)
    var result = CompiledFiles(main: url, prefix: files.prefix)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    if cache.place(key, at: url, mode: kind == .shared ? 0o777 : 0o666) {
      result.wasCached = true
    } else {
      let directory = try ScratchDirectory.temporary()
      do { try build(files, commands, in: directory) } catch let failure as CompilationFailure {
        guard let compiler = try changed(after: failure) else { throw failure }
        return try compiler.compile(
          program, to: url, kind: kind, target: target, prefix: prefix, threads: threads, checks: checks)
      }
      let built = directory.url.appendingPathComponent(LibraryCompiler.libraryName(kind))
      try AtomicFile.copy(built, to: url)
      cache.keep(built, as: key)
    }
    let header = url.deletingPathExtension().appendingPathExtension("h")
    try AtomicFile.write(Data(files.header.text.utf8), to: header)
    result.header = header
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
    try AtomicFile.write(Data(files.header.text.utf8), to: header)
    result.header = header
    if let weights = files.weights {
      let destination = directory.appendingPathComponent(weights.name)
      try AtomicFile.make(destination) { try weights.write(to: $0.deletingLastPathComponent()) }
      result.weights = destination
    }
    try AtomicFile.write(Data(files.sources[0].text.utf8), to: url)
    return result
  }

  // MARK: Compiling

  func compileFlags(target: Target, kind: LibraryKind, threads: ThreadMode) -> [String] {
    // The text is ours and was tested with all warnings; a newer compiler's opinion must not reach users.
    let shared = kind == .shared ? ["-DTENSORC_SHARED"] : []
    return CompilerFlags.recommended(for: target, threads: threads) + ["-w", "-fPIC", "-fvisibility=hidden"]
      + shared + flags
  }

  private static func libraryName(_ kind: LibraryKind) -> String { "library.\(kind.rawValue)" }

  /// What is run, in a folder with the files: `.incbin` finds the weights there.
  private func commands(
    _ files: EmittedFiles, target: Target, kind: LibraryKind, threads: ThreadMode
  ) throws -> (compile: [Command], link: Command) {
    let sources = files.sources.map(\.name)
    let compile = compileCommands(sources, flags: compileFlags(target: target, kind: kind, threads: threads))
    let name = LibraryCompiler.libraryName(kind)
    if kind == .shared { return (compile, linkCommand(sources, to: name, threads)) }
    guard let archiver = toolchain.archiver else { throw ToolchainMissing(attempts: ["there is no ar"]) }
    let arguments = ["rcs", name] + LibraryCompiler.objects(of: sources)
    return (compile, Command(executable: archiver, arguments: arguments, environment: LibraryCompiler.environment))
  }

  /// What a compiler says is looked into, so it must be in one language.
  private static let environment: [String: String?] = ["LC_ALL": "C"]

  private static func objects(of sources: [String]) -> [String] { sources.map { $0.dropLast(2) + ".o" } }

  private func compileCommands(_ sources: [String], flags: [String]) -> [Command] {
    zip(sources, LibraryCompiler.objects(of: sources)).map { source, object in
      Command(
        executable: toolchain.compiler, arguments: flags + ["-c", source, "-o", object],
        environment: LibraryCompiler.environment)
    }
  }

  private func linkCommand(_ sources: [String], to name: String, _ threads: ThreadMode) -> Command {
    let arguments = ["-shared"] + linkFlags(threads) + LibraryCompiler.objects(of: sources) + ["-o", name, "-lm"]
    return Command(
      executable: toolchain.compiler, arguments: arguments, environment: LibraryCompiler.environment)
  }

  private func build(
    _ files: EmittedFiles, _ commands: (compile: [Command], link: Command), in directory: ScratchDirectory
  ) throws {
    try withRoom {
      try files.write(to: directory.url)
      try run(commands.compile, in: directory)
      try run([commands.link], in: directory)
    }
  }

  /// Foundation's errors are the system's: there is no room, or no such folder any more.
  private func withRoom(_ body: () throws -> Void) throws {
    do { try body() } catch {
      guard SystemError.isOne(error) else { throw error }
      throw ScratchDirectory.unwritable(SystemError.reason(error))
    }
  }

  /// Compiles C files, those of several programs and others that call them, as many at once as there are processors, and links
  /// them to one shared library, which exports what their headers declare.
  ///
  /// - Parameters:
  ///   - sources: names of files in `directory`, where their headers and weights are too.
  /// - Throws: a ``Diagnostic`` where there is no room, or a ``CompilationFailure``.
  public func link(
    _ sources: [String], in directory: ScratchDirectory, to url: URL, target: Target, threads: ThreadMode
  ) throws {
    // As for an archive: the table of the functions of one program would be there for each of them.
    let flags = compileFlags(target: target, kind: .archive, threads: threads)
    let name = LibraryCompiler.libraryName(.shared)
    try withRoom {
      try run(compileCommands(sources, flags: flags), in: directory)
      try run([linkCommand(sources, to: name, threads)], in: directory)
      try AtomicFile.copy(directory.url.appendingPathComponent(name), to: url)
    }
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

  func run(_ commands: [Command], in directory: ScratchDirectory) throws {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let placed = commands.map { command in
      var placed = command
      placed.directory = directory.url
      return placed
    }
    for (command, outcome) in zip(placed, try Command.run(placed, atOnce: processors)) where !outcome.succeeded {
      if let trouble = CompilerTrouble.diagnostic(outcome) { throw trouble }
      let kept = directory.keep()
      throw CompilationFailure(
        command: ([command.executable] + command.arguments).joined(separator: " "), errors: outcome.errors,
        directory: kept)
    }
  }

  /// After a failure, a compiler that is no longer what was known of it: its OpenMP is gone, say. Nil where nothing has
  /// changed and the text is to blame.
  ///
  /// - Throws: ``ToolchainMissing`` where it does not even compile a small program.
  private func changed(after failure: CompilationFailure) throws -> LibraryCompiler? {
    let search = ToolchainSearch(environment: ProcessInfo.processInfo.environment, cache: cache)
    let now: Toolchain
    do { now = try search.askAgain(toolchain.compiler) } catch {
      try? FileManager.default.removeItem(at: failure.directory)
      throw error
    }
    guard now != toolchain else { return nil }
    try? FileManager.default.removeItem(at: failure.directory)
    var copy = self
    copy.toolchain = now
    return copy
  }
}

extension Toolchain {
  /// The program that makes archives: beside the compiler, or on the PATH.
  var archiver: String? {
    let beside = URL(fileURLWithPath: compiler).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let directories = [beside] + path.split(separator: ":").map(String.init)
    let candidates = directories.flatMap { ["\($0)/ar", "\($0)/llvm-ar"] }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
