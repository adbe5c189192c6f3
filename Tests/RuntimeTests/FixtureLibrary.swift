import Foundation
import TensorRuntime
import TestSupport
import Testing

/// Compiles the hand-written libraries beside this file with the C compiler at hand.
enum FixtureLibrary {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let root = tests.deletingLastPathComponent().deletingLastPathComponent()
  static let header = root.appendingPathComponent("Sources/ABI/include/tensorc.h")

  /// The path of a shared library, compiled anew into a directory of its own.
  static func compile(_ name: String, _ flags: [String] = []) throws -> String {
    let source = tests.appendingPathComponent("Fixtures/\(name).c").path
    let object = try temporaryDirectory().appendingPathComponent("\(name).so").path
    let arguments = ["cc", "-std=gnu11", "-O1", "-fPIC", "-shared", "-DTENSORC_SHARED"]
    let include = "-I" + header.deletingLastPathComponent().path
    let result = try execute(arguments + flags + [include, source, "-o", object])
    try #require(result.status == 0, "\(result.output)")
    return object
  }

  static func load(_ name: String, _ flags: [String] = []) throws -> Model {
    try CompiledLibrary(path: compile(name, flags)).makeModel()
  }

  static func temporaryDirectory() throws -> URL {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("tensorc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }
}

/// Expects a runtime error with an identifier and, in its text, some words.
func expectError(
  _ id: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("no error was thrown", sourceLocation: sourceLocation)
  } catch let error as RuntimeError {
    #expect(error.id == id, "\(error)", sourceLocation: sourceLocation)
    for word in words { #expect(error.text.contains(word), "\(error)", sourceLocation: sourceLocation) }
  } catch {
    Issue.record("\(error)", sourceLocation: sourceLocation)
  }
}
