import Foundation
import TensorABI
import TensorIR
import Testing

@testable import TensorCodegenC

/// Programs compiled by every compiler of the machine for every target that the machine runs, and called.
@Suite struct LibraryTests {
  static let toolchains = Toolchain.all(cache: Cache(directory: nil))

  static let cases: [(Toolchain, Target)] = toolchains.flatMap { toolchain in
    Target.all.filter { $0.vectorBytes <= toolchain.vectorBytes }.map { (toolchain, $0) }
  }

  /// Compiles with all warnings as errors and opens the library.
  static func load(
    _ program: LoweredProgram, _ toolchain: Toolchain, _ target: Target, parts: Int = 1, checks: Bool = false
  ) throws -> LoadedLibrary {
    let directory = try ScratchDirectory.temporary()
    let printer = ProgramPrinter(program, target: target, prefix: "model", threads: .openMP, checks: checks)
    let files = try printer.files(parts: parts)
    try files.write(to: directory.url)
    let flags = CompilerFlags.recommended(for: target, threads: toolchain.threads)
    let outcome = try Command(
      executable: toolchain.compiler,
      arguments: flags + ["-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-DTENSORC_SHARED"]
        + files.sources.map(\.name) + ["-o", "model.so", "-lm"],
      directory: directory.url
    ).run()
    if !outcome.succeeded { _ = directory.keep() }
    try #require(outcome.succeeded, "\(toolchain.compiler) in \(directory.url.path): \(outcome.errors)")
    return try LoadedLibrary(directory.url.appendingPathComponent("model.so"))
  }

  @Test(arguments: LibraryTests.cases) func addsVectorsOfEverySize(toolchain: Toolchain, target: Target) throws {
    let library = try LibraryTests.load(SmallPrograms.vectorAdd(target), toolchain, target)
    for count in [0, 1, 3, 4, 7, 16, 17, 31, 64, 65, 1000, 100_003] {
      let a = (0..<count).map { Float($0) }
      let b = (0..<count).map { Float($0 * 2) }
      let result = library.run(
        [.floats(a, [count]), .floats(b, [count])], outputs: [.floats([Float](repeating: -1, count: count), [0])],
        threads: 2)
      #expect(result.code == 0, "\(result.id)")
      #expect(result.outputs[0].dimensions == [Int64(count)])
      #expect(result.outputs[0].floats == zip(a, b).map { $0 + $1 })
    }
  }

  @Test(arguments: LibraryTests.cases, [1, 2]) func sumsThroughAWorkspace(
    configuration: (Toolchain, Target), parts: Int
  ) throws {
    let (toolchain, target) = configuration
    let width = 300
    let weights = try #require(TensorLiteral.numbers((0..<width).map { Float($0) / 100 }))
    let library = try LibraryTests.load(
      SmallPrograms.reduction(target, weights: weights), toolchain, target, parts: parts)
    for rows in [1, 2, 5, 64] {
      let x = (0..<rows * width).map { Float($0 % 17) / 17 - 0.5 }
      let expected = x.enumerated().reduce(0.0) { sum, item in
        sum + exp(Double(item.element)) * Double(item.offset % width) / 100
      }
      var seen: [[Float]] = []
      for threads: Int32 in [1, 2, 0] {
        let result = library.run([.floats(x, [rows, width])], outputs: [.floats([0], [])], threads: threads)
        #expect(result.code == 0, "\(result.id)")
        #expect(abs(Double(result.outputs[0].floats[0]) - expected) < 1e-5 * expected)
        seen.append(result.outputs[0].floats)
      }
      #expect(seen.allSatisfy { $0 == seen[0] }, "the bits depend on the number of threads")
    }
  }

  @Test func refusesWrongCalls() throws {
    let toolchain = try #require(LibraryTests.toolchains.first)
    let library = try LibraryTests.load(SmallPrograms.vectorAdd(.generic), toolchain, .generic)
    let four = LoadedLibrary.Tensor.floats([1, 2, 3, 4], [4])
    let three = LoadedLibrary.Tensor.floats([1, 2, 3], [3])
    #expect(library.run([four, three], outputs: [four]).id == "bad-dimension")
    #expect(library.run([four], outputs: [four]).id == "bad-count")
    #expect(library.run([four, four], outputs: [three]).id == "buffer-too-small")
    let matrix = LoadedLibrary.Tensor.floats([1, 2, 3, 4], [2, 2])
    #expect(library.run([four, matrix], outputs: [four]).id == "bad-rank")
    var integers = four
    integers.element = Int32(TENSORC_I32.rawValue)
    #expect(library.run([four, integers], outputs: [four]).id == "bad-element-type")
  }

  @Test func compilesIntoEveryKind() throws {
    let directory = try ScratchDirectory.temporary()
    let cache = Cache(directory: directory.url.appendingPathComponent("cache"))
    let toolchain = try Toolchain.discover(cache: cache)
    let compiler = try LibraryCompiler(toolchain: toolchain, cache: cache)
    let weights = try #require(TensorLiteral.numbers((0..<300).map { Float($0) }))
    let program = SmallPrograms.reduction(toolchain.native, weights: weights)
    let place = directory.url.appendingPathComponent("new/directory")
    let shared = place.appendingPathComponent("model.so")
    let first = try compiler.compile(program, to: shared, kind: .shared, target: toolchain.native)
    let second = try compiler.compile(program, to: shared, kind: .shared, target: toolchain.native)
    #expect(!first.wasCached && second.wasCached)
    let result = try LoadedLibrary(shared).run(
      [.floats([Float](repeating: 0, count: 300), [1, 300])], outputs: [.floats([0], [])])
    #expect(result.outputs[0].floats == [44850])
    for (kind, name) in [(LibraryKind.archive, "model.a"), (.source, "model.c")] {
      let url = place.appendingPathComponent(name)
      let files = try compiler.compile(program, to: url, kind: kind, target: toolchain.native)
      for file in [files.main, files.header].compactMap({ $0 }) {
        #expect(FileManager.default.fileExists(atPath: file.path))
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    #expect(names == ["model.a", "model.c", "model.h", "model.so", "model.weights"])
  }

  @Test func reportsAMissingCompiler() {
    for environment in [["PATH": ""], ["PATH": "", "TENSORC_CC": "no-such-compiler"]] {
      #expect(throws: ToolchainMissing.self) {
        try Toolchain.discover(environment: environment, cache: Cache(directory: nil))
      }
    }
  }

  @Test func refusesSizesThatNoInputGives() throws {
    var program = SmallPrograms.vectorAdd(.generic)
    program.outputs = [SmallPrograms.value("sum", .f32, [Dimension(symbol: "m")])]
    let printer = ProgramPrinter(program, target: .generic, prefix: "model")
    #expect(throws: Diagnostic.self) { try printer.files() }
  }
}

extension Toolchain: CustomTestStringConvertible {
  public var testDescription: String { compiler }
}

extension Target: CustomTestStringConvertible {
  public var testDescription: String { name }
}
