import Foundation
import TensorCodegenC
import TensorIR
import TensorPasses

/// What `tensorc compile` can write.
public enum EmittedKind: String, CaseIterable, Sendable {
  case so, c, a, s, ir
  /// A Swift file that calls the library, and files by which CMake and pkg-config find it.
  case swift, cmake, pc

  /// Whether it is code to link, or to load.
  public var isLibrary: Bool { self == .so || self == .c || self == .a || self == .s }

  /// The kind that a file's extension asks for.
  public init?(fileExtension: String) {
    switch fileExtension {
    case "so", "dylib": self = .so
    case "tir": self = .ir
    case "c": self = .c
    case "a": self = .a
    default: return nil
    }
  }
}

/// Where the files of one compilation go: what `-o OUT` and `--emit` mean together.
public struct Emission: Sendable {
  public var kinds: [EmittedKind]
  /// OUT without the ending that chose a kind.
  public var stem: String
  /// How shared libraries end.
  private var sharedEnding: String

  /// - Throws: a `Diagnostic` where OUT and the kinds contradict each other.
  public init(output: String, kinds: [EmittedKind]) throws {
    let url = URL(fileURLWithPath: output)
    let ending = url.pathExtension
    #if os(macOS)
      sharedEnding = "dylib"
    #else
      sharedEnding = "so"
    #endif
    // A name that is nothing but an ending is a name.
    if let kind = EmittedKind(fileExtension: ending) {
      stem = String(output.dropLast(ending.count + 1))
      self.kinds = kinds.isEmpty ? [kind] : kinds
      if kind == .so { sharedEnding = ending }
      guard self.kinds.contains(kind) else {
        throw Diagnostic(
          "output-kind", "'\(output)' ends in .\(ending), which --emit does not name: leave the ending out")
      }
    } else {
      stem = output
      self.kinds = kinds.isEmpty ? [.so] : kinds
    }
    guard !output.hasSuffix("/"), !URL(fileURLWithPath: stem).lastPathComponent.isEmpty, !output.isEmpty
    else {
      throw Diagnostic(
        "output-name", "'\(output)' is no file name: -o takes a file, or the beginning of file names")
    }
    self.kinds = EmittedKind.allCases.filter(self.kinds.contains)
    for kind in [EmittedKind.cmake, .pc] where self.kinds.contains(kind) {
      guard self.kinds.contains(.so) || self.kinds.contains(.a) else {
        throw Diagnostic(
          "output-kind", "--emit \(kind.rawValue) tells where a library is: name so or a beside it")
      }
    }
  }

  /// What symbols begin with, before it is made a C identifier.
  public var name: String { URL(fileURLWithPath: stem).lastPathComponent }

  public var needsCompiler: Bool { kinds.contains(.so) || kinds.contains(.a) || kinds.contains(.s) }
  public var needsProgram: Bool { kinds.contains { $0 != .ir } }

  public func fileName(_ kind: EmittedKind) -> String {
    switch kind {
    case .so: "\(name).\(sharedEnding)"
    case .c: "\(name).c"
    case .a: "\(name).a"
    case .s: "\(name).S"
    case .ir: "\(name).tir"
    case .swift: "\(name).swift"
    case .cmake: "\(name)-config.cmake"
    case .pc: "\(name).pc"
    }
  }
}

/// What was written.
public struct EmissionResult: Sendable {
  /// The files, each with its size in bytes.
  public var files: [(path: String, byteCount: Int)] = []
  /// The C identifier that the symbols begin with; nil where there are none.
  public var prefix: String?
  public var target: Target?
  public var threads: ThreadMode?
  /// Whether the C compiler did not have to run.
  public var wasCached = false
}

extension ModelCompiler {
  /// Writes a model's files, all or none.
  ///
  /// - Parameters:
  ///   - last: the stage after which the text for `ir` is taken.
  ///   - labels: the texts of results that are places among texts, by name.
  public func emit(
    _ source: CompilerInput, _ emission: Emission, stopAfter last: Stage = .imported, labels: [String: [String]] = [:]
  ) throws -> EmissionResult {
    // Before the work, so that an output that cannot be written is told of at once.
    let place = try OutputPlace(for: emission.stem)
    defer { place.discard() }
    var result = EmissionResult()
    var names: [String] = []
    do {
      if emission.needsProgram { try emitProgram(source, emission, place, &names, &result) }
      if !labels.isEmpty {
        let file = LabelFile(for: emission.name)
        try file.write(labels, in: place.staging)
        names.append(file.name)
      }
      if emission.kinds.contains(.ir) {
        let url = place.staging.appendingPathComponent(emission.fileName(.ir))
        names += try emitText(source, to: url, after: last)
      }
    } catch  where OutputPlace.isSystemError(error) {
      throw Diagnostic(
        "output-unwritable", "'\(emission.stem)' cannot be written: \(OutputPlace.reason(error))")
    }
    let sizes = names.map { byteCount(place.staging.appendingPathComponent($0)) }
    // Paths are told as the user gave them.
    let directory = String(emission.stem.dropLast(emission.name.count))
    _ = try place.publish(names)
    result.files = zip(names, sizes).map { (directory + $0, $1) }
    return result
  }

  private func emitProgram(
    _ source: CompilerInput, _ emission: Emission, _ place: OutputPlace, _ names: inout [String],
    _ result: inout EmissionResult
  ) throws {
    let compiler = emission.needsCompiler ? try LibraryCompiler(cache: cache) : nil
    let target = try emission.needsCompiler ? target() : targetForText()
    let program = try lower(source, for: target)
    result.target = target
    for kind in emission.kinds where kind.isLibrary {
      progress?(kind == .c ? "C" : "C compiler, .\(kind.rawValue)")
      let url = place.staging.appendingPathComponent(emission.fileName(kind))
      let files: CompiledFiles
      if let compiler, kind == .s {
        files = try compiler.assemble(
          program, to: url, target: target, prefix: emission.name, threads: options.threads, checks: options.checks,
          weightsIn: place.path)
        result.threads = options.threads ?? compiler.toolchain.threads
      } else if let compiler, kind != .c {
        let kind: LibraryKind = kind == .so ? .shared : .archive
        files = try compiler.compile(
          program, to: url, kind: kind, target: target, prefix: emission.name, threads: options.threads,
          checks: options.checks)
        result.threads = options.threads ?? compiler.toolchain.threads
        result.wasCached = files.wasCached
      } else {
        files = try LibraryCompiler.compile(
          program, to: url, kind: .source, target: target, prefix: emission.name, threads: options.threads,
          checks: options.checks)
      }
      result.prefix = files.prefix
      for file in [files.main, files.header, files.weights].compactMap({ $0?.lastPathComponent })
      where !names.contains(file) { names.append(file) }
    }
    let prefix = result.prefix ?? ProgramPrinter.prefix(of: emission.name)
    for file in CompanionFiles(program: program, emission: emission, prefix: prefix, threads: result.threads).files {
      try Data(file.text.utf8).write(to: place.staging.appendingPathComponent(file.name))
      names.append(file.name)
    }
  }

  private func emitText(_ source: CompilerInput, to url: URL, after last: Stage) throws -> [String] {
    let blob = url.lastPathComponent + ".blob"
    switch source {
    case .function(let function) where !Stage.afterFusion.contains(last):
      let text = last == options.first ? function : try rewrite(function, for: targetForText(), to: last)
      try TextBundle.write([text], to: url.path)
    case .program(let program) where last == .imported: try TextBundle.write(program, to: url.path)
    default: try TextBundle.write(try lower(source, for: targetForText(), to: last), to: url.path)
    }
    let hasBlob = FileManager.default.fileExists(atPath: url.path + ".blob")
    return [url.lastPathComponent] + (hasBlob ? [blob] : [])
  }

  /// Text can be written for this machine only if a compiler knows it; without one it is for any machine.
  public func targetForText() throws -> Target {
    do { return try target() } catch let error as ToolchainMissing {
      guard options.target == nil else { throw error }
      return adjusted(.generic)
    }
  }

  private func byteCount(_ url: URL) -> Int {
    (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
  }
}

extension Stage {
  /// The stages whose result is a program of kernels, not a function.
  public static let afterFusion: [Stage] = [.lower, .partition, .plan]
}
