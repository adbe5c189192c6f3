import Foundation
import TensorIR

extension LibraryCompiler {
  /// Compiles a program to one file of assembler, with the header and the weights beside it: for builds that cannot choose
  /// the flags of a C compiler, such as those of Swift packages. It is position-independent, and a C compiler assembles it
  /// (as `.S`: where it goes through the preprocessor, builds learn what it depends on).
  ///
  /// - Parameters:
  ///   - url: the file; its directory is there.
  ///   - place: the directory in which the weights will lie when the file is assembled.
  /// - Throws: as ``compile(_:to:kind:target:prefix:threads:checks:)-swift.method``.
  public func assemble(
    _ program: LoweredProgram, to url: URL, target: Target, prefix: String, threads: ThreadMode?, checks: Bool,
    weightsIn place: String
  ) throws -> CompiledFiles {
    let mode = threads ?? toolchain.threads
    let stem = url.deletingPathExtension().lastPathComponent
    let printer = ProgramPrinter(
      program, target: target, prefix: prefix, fileName: stem, threads: mode, checks: checks)
    let files = try printer.files()
    let scratch = try ScratchDirectory.temporary()
    defer { scratch.remove() }
    do { try files.write(to: scratch.url) } catch {
      guard SystemError.isOne(error) else { throw error }
      throw ScratchDirectory.unwritable(SystemError.reason(error))
    }
    let flags = compileFlags(target: target, kind: .archive, threads: mode)
    let arguments = flags + ["-S", "-fno-verbose-asm", files.sources[0].name, "-o", "library.s"]
    try run([Command(executable: toolchain.compiler, arguments: arguments, environment: ["LC_ALL": "C"])], in: scratch)
    var text = try String(contentsOf: scratch.url.appendingPathComponent("library.s"), encoding: .utf8)
    var result = CompiledFiles(main: url, prefix: files.prefix)
    let directory = url.deletingLastPathComponent()
    if let weights = files.weights {
      text.replace(".incbin \"\(weights.name)\"", with: ".incbin \"\(place)/\(weights.name)\"")
      try weights.write(to: directory)
      result.weights = directory.appendingPathComponent(weights.name)
    }
    let header = directory.appendingPathComponent(files.header.name)
    try Data(files.header.text.utf8).write(to: header)
    result.header = header
    try Data(text.utf8).write(to: url)
    return result
  }
}

extension ProgramPrinter {
  /// What the symbols of a library begin with: its name as a C identifier.
  public static func prefix(of name: String) -> String { CNames.identifier(name) }
}
