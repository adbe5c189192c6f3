import Foundation
import TensorIR

/// There is no C compiler, or none that works. The command exits with 3.
public struct ToolchainMissing: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried and what was wrong with each.
  public var attempts: [String]

  public var description: String {
    let tried = attempts.isEmpty ? "" : " (\(attempts.joined(separator: "; ")))"
    return "error: no C compiler works: install clang or gcc, or set TENSORC_CC to one\(tried) [toolchain-missing]"
  }
}

/// A C compiler of this machine and what it can do.
public struct Toolchain: Hashable, Sendable, Codable {
  /// The path of the compiler.
  public var compiler: String
  /// The first line of its `--version`.
  public var version: String
  /// Whether it compiles, links and runs OpenMP with more than one thread.
  public var hasOpenMP: Bool
  /// The width in bytes of this processor's vectors, as far as the compiler knows them: 64, 32 or 16.
  public var vectorBytes: Int
  /// Whether this is an ARM processor.
  public var isARM: Bool
  /// Whether an x86 compiler is told `-march=native`; some say `-mcpu=native`.
  public var nativeFlags: [String]
  /// Whether this processor multiplies pairs of bf16, and whether it has matrix registers for them.
  public var hasPairs: Bool
  public var hasTiles: Bool
  /// Whether it adds the products of four bytes.
  public var hasByteProducts: Bool

  /// The target that this machine is.
  public var native: Target {
    let registers = vectorBytes == 64 || isARM ? 32 : 16
    let flags = nativeFlags + (vectorBytes == 64 ? ["-mprefer-vector-width=512"] : [])
    var target = Target(
      name: "native", vectorBytes: vectorBytes, registers: registers, hasFMA: isARM || vectorBytes > 16, flags: flags)
    (target.hasPairs, target.hasTiles, target.hasByteProducts) = (hasPairs, hasTiles, hasByteProducts)
    return target
  }

  /// How libraries can run in parallel with it.
  public var threads: ThreadMode { hasOpenMP ? .openMP : .none }

  /// Finds the compiler to use: `TENSORC_CC` if it is set, otherwise the first on the PATH that has OpenMP, otherwise the
  /// first that works. The answer is kept in the cache until the compiler changes.
  ///
  /// - Throws: ``ToolchainMissing``.
  public static func discover(
    environment: [String: String] = ProcessInfo.processInfo.environment, cache: Cache = Cache()
  ) throws -> Toolchain {
    let search = ToolchainSearch(environment: environment, cache: cache)
    return try search.best()
  }

  /// Every compiler on the PATH that works, in the order in which they are preferred.
  public static func all(
    environment: [String: String] = ProcessInfo.processInfo.environment, cache: Cache = Cache()
  ) -> [Toolchain] {
    let search = ToolchainSearch(environment: environment, cache: cache)
    return search.candidates().compactMap { try? search.probe($0) }
  }
}

/// Looks for compilers and asks them what they can do.
struct ToolchainSearch {
  let environment: [String: String]
  let cache: Cache

  func best() throws -> Toolchain {
    var attempts: [String] = []
    var serial: Toolchain?
    if let chosen = environment["TENSORC_CC"], !chosen.isEmpty {
      guard let path = resolve(chosen) else {
        throw ToolchainMissing(attempts: ["TENSORC_CC: there is no '\(chosen)'"])
      }
      return try probe(path)
    }
    for path in candidates() {
      do {
        let toolchain = try probe(path)
        if toolchain.hasOpenMP { return toolchain }
        serial = serial ?? toolchain
      } catch let error as ToolchainMissing { attempts += error.attempts }
    }
    if let serial { return serial }
    throw ToolchainMissing(attempts: attempts)
  }

  /// Paths of compilers by name: clang, clang with a version, the newest first, gcc, cc.
  func candidates() -> [String] {
    var found = directories.flatMap { path(of: "clang", in: $0) }
    let versioned = directories.flatMap { directory in
      ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).compactMap { name -> (Int, String)? in
        guard name.hasPrefix("clang-"), let version = Int(name.dropFirst(6)) else { return nil }
        return (version, "\(directory)/\(name)")
      }
    }
    found += versioned.sorted { $0.0 != $1.0 ? $0.0 > $1.0 : $0.1 < $1.1 }.map(\.1)
    for name in ["gcc", "cc"] { found += directories.flatMap { path(of: name, in: $0) } }
    // Several names and directories lead to one compiler.
    var seen = Set<String>()
    return found.filter { seen.insert(URL(fileURLWithPath: $0).resolvingSymlinksInPath().path).inserted }
  }

  private var directories: [String] {
    (environment["PATH"] ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
  }

  private func path(of name: String, in directory: String) -> [String] {
    let path = "\(directory)/\(name)"
    return FileManager.default.isExecutableFile(atPath: path) ? [path] : []
  }

  private func resolve(_ name: String) -> String? {
    if name.contains("/") {
      return FileManager.default.isExecutableFile(atPath: name) ? URL(fileURLWithPath: name).path : nil
    }
    return directories.flatMap { path(of: name, in: $0) }.first
  }

  // MARK: Asking

  /// What a compiler can do, from the cache or by trying it.
  func probe(_ path: String) throws -> Toolchain {
    let key = CacheKey.toolchain(path, environment: environment)
    if let data = cache.data(key), let known = try? JSONDecoder().decode(Toolchain.self, from: data),
      known.compiler == path
    {
      return known
    }
    return try askAgain(path)
  }

  /// What a compiler can do now, whatever is known.
  func askAgain(_ path: String) throws -> Toolchain {
    let toolchain = try ask(path)
    let key = CacheKey.toolchain(path, environment: environment)
    if let data = try? JSONEncoder().encode(toolchain) { cache.store(data, key) }
    return toolchain
  }

  private func ask(_ path: String) throws -> Toolchain {
    let directory = try ScratchDirectory.temporary()
    func run(_ arguments: [String], _ executable: String? = nil) -> Command.Outcome? {
      // A limit in the user's environment is no property of the compiler.
      let changes: [String: String?] = ["OMP_THREAD_LIMIT": nil, "OMP_NUM_THREADS": nil, "OMP_DYNAMIC": nil]
      return try? Command(
        executable: executable ?? path, arguments: arguments, directory: directory.url, environment: changes
      ).run()
    }
    do {
      try Data(ToolchainSearch.program.utf8).write(to: directory.url.appendingPathComponent("probe.c"))
    } catch { throw ScratchDirectory.unwritable(SystemError.reason(error)) }
    let program = directory.url.appendingPathComponent("probe").path
    func works(_ flags: [String], prints expected: String) -> Bool {
      guard run(["-O1", "-std=gnu11"] + flags + ["probe.c", "-o", program, "-lm"])?.succeeded == true,
        let outcome = run([], program)
      else { return false }
      return outcome.succeeded && outcome.output == expected
    }
    guard works([], prints: "1") else { throw ToolchainMissing(attempts: ["\(path) does not compile a small program"]) }
    let version = run(["--version"])?.output.split(separator: "\n").first.map(String.init) ?? ""
    let (flags, macros) = nativeMacros { run($0)?.output }
    return Toolchain(
      compiler: path, version: version, hasOpenMP: works(["-fopenmp"], prints: "2"),
      vectorBytes: ToolchainSearch.vectorBytes(macros), isARM: macros.contains("__aarch64__"), nativeFlags: flags,
      hasPairs: macros.contains("__AVX512BF16__") && ToolchainSearch.vectorBytes(macros) == 64,
      hasTiles: !macros.isDisjoint(with: ["__AMX_BF16__", "__AMXBF16__"]) && ToolchainSearch.vectorBytes(macros) == 64,
      hasByteProducts: macros.contains(ToolchainSearch.vectorBytes(macros) == 64 ? "__AVX512VNNI__" : "__AVXVNNI__"))
  }

  /// The flags that mean this very processor, and the macros that the compiler defines with them.
  private func nativeMacros(_ run: ([String]) -> String?) -> ([String], Set<String>) {
    for flags in [["-march=native"], ["-mcpu=native"], []] {
      guard let text = run(flags + ["-dM", "-E", "-x", "c", "/dev/null"]), !text.isEmpty else { continue }
      let macros = text.split(separator: "\n").compactMap { line in
        line.split(separator: " ").dropFirst().first.map(String.init)
      }
      return (flags, Set(macros))
    }
    return ([], [])
  }

  private static func vectorBytes(_ macros: Set<String>) -> Int {
    if macros.isSuperset(of: ["__AVX512F__", "__AVX512DQ__", "__AVX512BW__", "__AVX512VL__", "__FMA__", "__F16C__"]) {
      return 64
    }
    return macros.isSuperset(of: ["__AVX2__", "__FMA__", "__F16C__"]) ? 32 : 16
  }

  /// Counts the threads of a region with a dynamic schedule: some compilers link a static one but no dynamic one, and some
  /// emit serial code without a word.
  private static let program = """
    #include <stdio.h>
    #ifdef _OPENMP
    int omp_get_thread_num(void);
    #else
    static int omp_get_thread_num(void) { return 0; }
    #endif
    int main(void) {
      int seen[2] = {0, 0}, total = 0;
    #ifdef _OPENMP
    #pragma omp parallel num_threads(2)
    #endif
      {
        seen[omp_get_thread_num() & 1] = 1;
    #ifdef _OPENMP
    #pragma omp for schedule(dynamic)
    #endif
        for (int i = 0; i < 4; i++)
    #ifdef _OPENMP
    #pragma omp atomic
    #endif
          total += 1;
      }
      printf("%d", total == 4 ? seen[0] + seen[1] : 0);
      return 0;
    }

    """
}
