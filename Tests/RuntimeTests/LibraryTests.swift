import Foundation
import TensorCodegenC
import TensorRuntime
import TestSupport
import Testing

@Suite struct LibraryTests {
  @Test func emittedHeaderIsTheABIHeader() throws {
    #expect(try ABIHeader.text == String(contentsOf: FixtureLibrary.header, encoding: .utf8))
  }

  @Test(arguments: [["cc", "-std=c11", "-x", "c"], ["c++", "-std=c++11", "-x", "c++"]])
  func libraryHeadersStandAloneAndTogether(compiler: [String]) throws {
    let directory = try FixtureLibrary.temporaryDirectory()
    var source = ""
    for name in ["first", "second"] {
      let header = directory.appendingPathComponent("\(name).h")
      try ABIHeader.library(named: name).write(to: header, atomically: true, encoding: .utf8)
      source += "#include \"\(name).h\"\n#include \"\(name).h\"\n"
    }
    let file = directory.appendingPathComponent("main.c")
    try source.write(to: file, atomically: true, encoding: .utf8)
    let strict = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", file.path]
    let result = try execute(compiler + strict)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func aLibraryDescribesItself() throws {
    let description = try FixtureLibrary.load("step").description
    #expect(description.modelName == "step")
    #expect(description.target == "generic")
    #expect(!description.isParallel)
    #expect(description.inputs.map(\.name) == ["w", "g"])
    #expect(description.inputs.map(\.description) == ["f32[n]", "f32[n]"])
    #expect(description.outputs.map(\.description) == ["f32[n]", "f32[]"])
    #expect(description.symbols.map(\.divisor) == [2])
    #expect(description.donations.map(\.input) == [0] && description.donations.map(\.output) == [0])
  }

  @Test func aMissingFileIsNamed() throws {
    expectError("library-not-found", "nowhere/model.so", "tensorc compile") {
      _ = try CompiledLibrary(path: "nowhere/model.so")
    }
  }

  @Test func aFileThatIsNoLibraryIsRefused() throws {
    let file = try FixtureLibrary.temporaryDirectory().appendingPathComponent("text.so")
    try "not a library".write(to: file, atomically: true, encoding: .utf8)
    expectError("library-not-loaded", file.path) { _ = try CompiledLibrary(path: file.path) }
  }

  @Test func aForeignLibraryIsRefused() throws {
    let path = try FixtureLibrary.compile("affine", ["-UTENSORC_SHARED"])
    expectError("not-a-library", path, "tensorc compile") { _ = try CompiledLibrary(path: path) }
  }

  @Test(arguments: [2, 7])
  func anotherVersionIsRefused(version: Int) throws {
    let path = try FixtureLibrary.compile("affine", ["-DFIXTURE_VERSION=\(version)"])
    expectError("abi-version", "version \(version)", "newer TensorRuntime") { _ = try CompiledLibrary(path: path) }
  }

  @Test func aLaterEntryPointIsRecognised() throws {
    let path = try FixtureLibrary.compile("affine", ["-Dtensorc_library_v1=tensorc_library_v3"])
    expectError("abi-version", "version 3") { _ = try CompiledLibrary(path: path) }
  }

  @Test func aProcessorMayBeRefused() throws {
    let library = try CompiledLibrary(path: FixtureLibrary.compile("affine", ["-DFIXTURE_REFUSES"]))
    expectError("unsupported-cpu", "AVX-512") { _ = try library.makeModel() }
  }
}
