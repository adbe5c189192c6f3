import Foundation

/// Names for what the cache keeps: the SHA-256 of all that decides it.
enum CacheKey {
  /// Changes with what is kept under a name.
  private static let version = "3"

  /// Of what is known of a compiler.
  static func toolchain(_ path: String, environment: [String: String]) -> String {
    var hash = SHA256()
    for text in [version] + compiler(path, environment: environment) { hash.add(text) }
    return "toolchain-\(hash.text())"
  }

  /// Of a compiled library.
  static func library(
    _ files: EmittedFiles, commands: [Command], kind: LibraryKind, toolchain: Toolchain,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    var hash = SHA256()
    for file in files.sources + [files.header] {
      hash.add(file.name)
      hash.add(file.text)
    }
    files.weights?.add(to: &hash)
    // Flags, macros and libraries are in the commands; folders made for one run are not.
    for command in commands {
      hash.add(command.arguments.count)
      for text in [command.executable] + command.arguments { hash.add(text) }
    }
    let known = [version, kind.rawValue, toolchain.version, "\(toolchain.vectorBytes)", "\(toolchain.isARM)"]
    for text in known + compiler(toolchain.compiler, environment: environment) { hash.add(text) }
    return "library-\(hash.text()).\(kind.rawValue)"
  }

  /// What decides what a compiler makes of the same text: the program itself, the processor, which `-march=native` asks and
  /// a home on the network outlives, and the variables that compilers heed.
  private static func compiler(_ path: String, environment: [String: String]) -> [String] {
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var status = stat()
    stat(real, &status)
    let heeded = [
      "CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX", "CCC_OVERRIDE_OPTIONS",
      "SOURCE_DATE_EPOCH",
    ]
    return [path, real, "\(status.st_size)", "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"] + processor
      + heeded.map { environment[$0] ?? "" }
  }

  /// The first processor's name and abilities, where the system tells them.
  private static let processor: [String] = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let lines = text.split(separator: "\n")
    return ["model name", "flags", "CPU part", "Features"].map { name in
      lines.first { $0.hasPrefix(name) }.map(String.init) ?? ""
    }
  }()
}

extension WeightsFile {
  /// Takes in where each constant is and what it holds.
  func add(to hash: inout SHA256) {
    hash.add(name)
    for piece in pieces {
      hash.add(piece.offset)
      hash.add(piece.literal.bytes.count)
      hash.update(piece.literal.bytes)
    }
  }
}
