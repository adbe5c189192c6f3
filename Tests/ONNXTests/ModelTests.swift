import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import TensorONNX

private func load(_ model: Onnx_ModelProto) throws -> OnnxModel {
  try OnnxModel(bytes: try model.serializedBytes(), name: "model.onnx")
}

/// Expects an error with an id, or several of which the first has it.
private func expectError(_ id: String, _ body: () throws -> Void, at location: SourceLocation = #_sourceLocation) {
  let error = #expect(throws: (any Error).self, sourceLocation: location) { try body() }
  let first = error as? OnnxError ?? (error as? OnnxErrors)?.list.first
  #expect(first?.id == id, "\(String(describing: error))", sourceLocation: location)
}

private func expectError(
  _ id: String, at location: SourceLocation = #_sourceLocation, edit: (inout Onnx_ModelProto) -> Void
) {
  var model = smallModel()
  edit(&model)
  expectError(id, { _ = try load(model) }, at: location)
}

@Suite struct ModelTests {
  @Test func loads() throws {
    let model = try load(smallModel())
    #expect(model.version == 8)
    #expect(model.producer == "tests")
    #expect(model.opsetVersion() == 17)
    #expect(model.opsetVersion(domain: "ai.onnx") == 17)
    #expect(model.opsetVersion(domain: "com.example") == 1)
    #expect(model.opsetVersion(domain: "elsewhere") == nil)
    #expect(try model.initializers().map(\.name) == ["w"])
    #expect(model.functions.map(\.name) == ["Twice"])
  }

  @Test func refusesUnknownVersions() {
    expectError("onnx-ir-version") { $0.irVersion = 0 }
    expectError("onnx-ir-version") { $0.irVersion = 2 }
    expectError("onnx-ir-version") { $0.irVersion = 15 }
    expectError("onnx-ir-version") { $0.irVersion = .max }
    expectError("onnx-opset-version") { $0.opsetImport[0].version = 29 }
    expectError("onnx-opset-version") { $0.opsetImport[0].version = 0 }
    expectError("onnx-opset-version") { $0.opsetImport[1].version = -1 }
    expectError("onnx-opset-twice") { $0.opsetImport.append(opset("ai.onnx", 16)) }
    expectError("onnx-no-opset") { $0.opsetImport = [] }
    expectError("onnx-no-graph") { $0.clearGraph() }
  }

  @Test func refusesUnclearNames() {
    expectError("onnx-undefined") { $0.graph.output[0].name = "z" }
    expectError("onnx-undefined") { $0.graph.node[1].attribute[0].g.node[0].input[0] = "later" }
    expectError("onnx-defined-twice") { $0.graph.node[0].output[0] = "x" }
    expectError("onnx-defined-twice") { $0.graph.initializer.append($0.graph.initializer[0]) }
    expectError("onnx-unnamed") { $0.graph.initializer[0].name = "" }
    expectError("onnx-no-operator") { $0.graph.node[0].opType = "" }
  }

  @Test func optionalOperandsAndDefaultsOfInputsAreFine() throws {
    var model = smallModel()
    model.graph.node[0].input.append("")
    model.graph.node[0].output.append("")
    model.graph.initializer[0].name = "x"
    model.graph.initializer.append(floats("w", [], [1]))
    #expect(throws: Never.self) { try load(model) }
  }

  @Test func errorsNameFileAndNode() {
    var model = smallModel()
    model.graph.node[0].input[0] = "nothing"
    let error = #expect(throws: OnnxError.self) { try load(model) }
    #expect(
      error?.description
        == "model.onnx: node 'the Add' (Add): error: its input 'nothing' is defined by nothing before it "
        + "[onnx-undefined]")
  }

  @Test func refusesOtherFiles() throws {
    func decode(_ bytes: some Sequence<UInt8>) throws { _ = try OnnxModel(bytes: Data(bytes), name: "m") }
    expectError("onnx-empty") { try decode([]) }
    expectError("onnx-not-onnx") { try decode("version https://git-lfs.github.com/spec/v1".utf8) }
    expectError("onnx-not-onnx") { try decode("<!DOCTYPE html>".utf8) }
    expectError("onnx-no-graph") { try decode([0x08, 0x08]) }
    expectError("onnx-malformed") { try decode([0x07]) }
    expectError("file-unreadable") { _ = try OnnxModel(contentsOf: "/nowhere/at/all.onnx") }
    try withTemporaryDirectory { path in
      expectError("file-not-regular") { _ = try OnnxModel(contentsOf: path) }
    }
  }

  @Test func refusesFilesOverTwoGibibytes() throws {
    try withTemporaryDirectory { path in
      let file = path + "/big.onnx"
      try Data().write(to: URL(fileURLWithPath: file))
      // Sparse: it takes no space.
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
      try handle.truncate(atOffset: 1 << 31)
      try handle.close()
      expectError("onnx-too-large") { _ = try OnnxModel(contentsOf: file) }
    }
  }
}

@Suite struct DamageTests {
  @Test func truncationIsAnErrorOrASmallerModel() throws {
    let bytes: Data = try smallModel().serializedBytes()
    for length in 0..<bytes.count {
      do {
        _ = try OnnxModel(bytes: bytes.prefix(length), name: "m")
      } catch {
        #expect(error is OnnxError)
      }
    }
  }

  @Test func mutationNeverTraps() throws {
    let bytes: Data = try smallModel().serializedBytes()
    var generator = Mutations(seed: 1)
    for _ in 0..<5000 {
      do {
        let model = try OnnxModel(bytes: generator.mutated(bytes), name: "m")
        _ = try model.initializers()
      } catch {
        #expect(error is OnnxError || error is OnnxErrors)
      }
    }
  }

  @Test func deepNestingIsAnError() throws {
    // A sequence of a sequence of …, built as bytes, because building it as messages would recurse.
    var type = Data()
    for _ in 0..<10_000 { type = field(4, field(1, type)) }
    let graph = field(11, field(2, type))
    expectError("onnx-too-deep") { _ = try OnnxModel(bytes: field(7, graph), name: "m") }
  }

  @Test func multitudesOfEmptyMessagesAreAnError() throws {
    // The bytes of an empty node: the tag of the field, then its length, 0.
    let nodes = [UInt16](repeating: 0x000A, count: OnnxWireCheck.maximumMessages).withUnsafeBytes { Data($0) }
    expectError("onnx-too-many") { _ = try OnnxModel(bytes: field(7, nodes), name: "m") }
  }

  /// A field that holds a message or text.
  private func field(_ number: UInt8, _ contents: Data) -> Data {
    var length = contents.count
    var result = Data([number << 3 | 2])
    while length >= 0x80 {
      result.append(UInt8(length & 0x7F | 0x80))
      length >>= 7
    }
    result.append(UInt8(length))
    return result + contents
  }
}
