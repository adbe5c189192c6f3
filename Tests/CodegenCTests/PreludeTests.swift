import Foundation
import TestSupport
import Testing

@testable import TensorCodegenC

/// The prelude as text: what is printed, and in what order.
@Suite struct PreludeTextTests {
  @Test(arguments: PreludeTarget.allCases)
  func aDefinitionFollowsWhatItUses(target: PreludeTarget) {
    var seen: Set<String> = []
    for snippet in Prelude.snippets {
      for name in Prelude.dependencies(of: snippet, target: target) {
        #expect(seen.contains(name), "\(snippet.name) uses \(name), which comes later")
      }
      seen.insert(snippet.name)
    }
  }

  @Test(arguments: PreludeTarget.allCases)
  func everySnippetDefinesItsName(target: PreludeTarget) {
    for snippet in Prelude.snippets {
      let text = snippet.text(for: target)
      #expect(text.contains(snippet.name) && !text.contains("$"), "\(snippet.name):\n\(text)")
    }
  }

  @Test func onlyWhatIsNeededIsPrintedAndTheOrderOfRequestsDoesNotMatter() {
    let text = Prelude.text(for: ["tc_tanh_f32v", "tc_load_f32v"], target: .avx2)
    #expect(text == Prelude.text(for: ["tc_load_f32v", "tc_tanh_f32v", "tc_load_f32v"], target: .avx2))
    #expect(text.contains("tc_f32v tc_tanh_f32v(tc_f32v x) {") && text.contains("tc_biased_power_f32v"))
    #expect(!text.contains("tc_log") && !text.contains("tc_tanh_f32("))
  }

  @Test func functionsThatCallTheLibraryPerLaneAreMarkedSlow() throws {
    #expect(try #require(Prelude.snippet("tc_atan2_f32v")).isSlow)
    #expect(try #require(Prelude.snippet("tc_exp_f64v")).isSlow)
    #expect(try !#require(Prelude.snippet("tc_exp_f32v")).isSlow)
  }
}

/// The prelude as C: it compiles without a warning, alone and whole, and computes what it says.
@Suite struct PreludeCompilationTests {
  @Test(arguments: compilers, PreludeTarget.allCases)
  func theWholePreludeCompilesWithoutWarnings(compiler: String, target: PreludeTarget) throws {
    let names = Prelude.snippets.map(\.name)
    let source = Prelude.text(for: names, target: target) + "int nothing(void) { return 0; }\n"
    let result = try compile(source, with: compiler, for: target, flags: ["-c"])
    #expect(result.status == 0, "\(compiler), \(target):\n\(result.output)")
  }

  /// About a million inputs for each function, so that a wrong coefficient shows in seconds. All 2³² are tried by
  /// bench/maths/run.sh.
  @Test(arguments: compilers.prefix(1), PreludeTarget.allCases.filter(canRun))
  func functionsAreWithinTheirBounds(compiler: String, target: PreludeTarget) throws {
    try expectSuccess(of: "ulp.c", arguments: ["-s", "4093"], compiler: compiler, target: target)
  }

  @Test(arguments: compilers, PreludeTarget.allCases.filter(canRun))
  func everythingElseAgreesWithPlainRestatements(compiler: String, target: PreludeTarget) throws {
    try expectSuccess(of: "checks.c", arguments: [], compiler: compiler, target: target)
  }

  /// The threads of a call, with a runtime of our own that lets some of them come late.
  @Test(arguments: compilers)
  func whoeverIsThereTakesItsTurn(compiler: String) throws {
    let driver = benchDirectory.deletingLastPathComponent().appendingPathComponent("threads/turns.c")
    let source = "#define _OPENMP 201511\n#define _GNU_SOURCE\n" + Prelude.threads + "#include \"\(driver.path)\"\n"
    let binary = try temporaryFile("turns")
    defer { try? FileManager.default.removeItem(at: binary.deletingLastPathComponent()) }
    let flags = ["-pthread", "-Wno-unknown-pragmas", "-Wno-unused-parameter"]
    let built = try compile(source, with: compiler, for: .generic, flags: flags, output: binary)
    try #require(built.status == 0, "\(compiler):\n\(built.output)")
    let result = try execute([binary.path])
    #expect(result.status == 0, "\(compiler):\n\(result.output)")
  }

  private func expectSuccess(of program: String, arguments: [String], compiler: String, target: PreludeTarget) throws {
    let prelude = Prelude.text(for: Prelude.snippets.map(\.name), target: target)
    let source = prelude + "#include \"\(benchDirectory.appendingPathComponent(program).path)\"\n"
    let binary = try temporaryFile("program")
    defer { try? FileManager.default.removeItem(at: binary.deletingLastPathComponent()) }
    let built = try compile(source, with: compiler, for: target, flags: ["-lm"], output: binary)
    try #require(built.status == 0, "\(compiler), \(target):\n\(built.output)")
    let result = try execute([binary.path] + arguments)
    #expect(result.status == 0, "\(compiler), \(target):\n\(result.output)")
  }
}

private let benchDirectory = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("bench/maths")

/// The C compilers that are installed: the one asked for by CC first, then the usual names.
private let compilers: [String] = {
  let environment = ProcessInfo.processInfo.environment
  let directories = (environment["PATH"] ?? "/usr/bin").split(separator: ":").map(String.init)
  let names = [environment["CC"], "clang", "gcc"].compactMap { $0 }
  return names.reduce(into: []) { found, name in
    let paths = name.contains("/") ? [name] : directories.map { "\($0)/\(name)" }
    guard let path = paths.first(where: FileManager.default.isExecutableFile), !found.contains(path) else { return }
    found.append(path)
  }
}()

/// The flags that a target's emitted C asks for. Where the machine is no x86, there is only the generic target.
private func flags(for target: PreludeTarget) -> [String] {
  switch target {
  case .generic: []
  case .avx2: ["-march=x86-64-v3"]
  case .avx512: ["-march=x86-64-v4", "-mprefer-vector-width=512"]
  }
}

/// Whether this machine executes a target's instructions.
private func canRun(_ target: PreludeTarget) -> Bool {
  let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  switch target {
  case .generic: return true
  case .avx2: return processor.contains(" avx2 ") && processor.contains(" f16c ")
  case .avx512: return processor.contains(" avx512dq ") && processor.contains(" avx512vl ")
  }
}

private func temporaryFile(_ name: String) throws -> URL {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent("prelude-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  return directory.appendingPathComponent(name)
}

private func compile(
  _ source: String, with compiler: String, for target: PreludeTarget, flags extra: [String], output: URL? = nil
) throws -> (status: Int32, output: String) {
  let file = try temporaryFile("prelude.c")
  defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
  try source.write(to: file, atomically: true, encoding: .utf8)
  let object = output ?? file.deletingPathExtension().appendingPathExtension("o")
  return try execute(
    [compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-ffp-contract=off"] + flags(for: target)
      + [file.path, "-o", object.path] + extra)
}
