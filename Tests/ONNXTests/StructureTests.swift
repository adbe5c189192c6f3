import Foundation
import TensorData
import TensorIR
import TensorOps
import Testing

@testable import TensorONNX

/// What of a model matters and in which order, and functions of one name.
@Suite struct StructureTests {
  @Test func whatNothingReadsDoesNotMatter() throws {
    var eighth = floats("w8", [2], [])
    eighth.dataType = .float6E2M3
    var text = floats("names", [1], [])
    text.dataType = .string
    text.stringData = [Data("a".utf8)]
    let function = try importing(
      [
        node("Nonsense", ["names"], ["p"]), node("Add", ["p", "w8"], ["q"]), node("Abs", ["x"], ["y"]),
      ],
      inputs: [valueInfo("x", [2])], outputs: ["y"], initialisers: [eighth, text])
    #expect(function.body.operations.map(\.op.name) == ["absolute"])
  }

  @Test func initialisersThatAreReadMustBeKnown() {
    var eighth = floats("w8", [2], [])
    eighth.dataType = .float6E2M3
    expectError("onnx-element-type") {
      _ = try importing(
        [node("Add", ["x", "w8"], ["y"])], inputs: [valueInfo("x", [2])], outputs: ["y"], initialisers: [eighth])
    }
  }

  @Test func nodesArePutInOrder() throws {
    var model = smallModel()
    model.graph.node.reverse()
    #expect(model.graph.node[0].opType == "If")
    let sorted = try OnnxModel(bytes: model.serializedData(partial: true), name: "m")
    #expect(sorted.graph.node.map(\.opType) == ["Add", "If"])
    #expect(sorted.warnings.count == 1 && sorted.warnings[0].contains("'the If'"), "\(sorted.warnings)")
    #expect(try OnnxModel(bytes: smallModel().serializedData(partial: true), name: "m").warnings.isEmpty)
  }

  @Test func graphsInsideAndFunctionsArePutInOrder() throws {
    var model = smallModel()
    var inner = Onnx_GraphProto()
    inner.node = [node("Abs", ["b"], ["c"]), node("Neg", ["s"], ["b"])]
    inner.output = [valueInfo("c", [])]
    model.graph.node[1].attribute = [graphAttribute("then_branch", inner), graphAttribute("else_branch", inner)]
    model.functions[0].node = [node("Abs", ["c"], ["b"]), node("Neg", ["a"], ["c"])]
    let sorted = try OnnxModel(bytes: model.serializedData(partial: true), name: "m")
    #expect(sorted.graph.node[1].attribute.map { $0.g.node.map(\.opType) } == [["Neg", "Abs"], ["Neg", "Abs"]])
    #expect(sorted.functions[0].node.map(\.opType) == ["Neg", "Abs"])
    #expect(sorted.warnings.count == 1)
  }

  @Test func longChainsArePutInOrder() throws {
    let count = 20_000
    let nodes = (0..<count).reversed().map { node("Abs", ["v\($0)"], ["v\($0 + 1)"]) }
    let sorted = try #require(try OnnxNodeOrder.sorted(nodes))
    #expect(sorted.nodes.first?.input == ["v0"])
    #expect(sorted.nodes.last?.output == ["v\(count)"])
  }

  @Test func circlesNameTheirNodes() throws {
    let nodes = [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["c"]), node("Neg", ["c"], ["b"])]
    let error = try #require(throws: OnnxError.self) { try OnnxNodeOrder.sorted(nodes) }
    #expect(error.id == "onnx-cycle")
    for name in ["the Add", "the Relu", "the Neg"] { #expect(error.message.contains("'\(name)'"), "\(error)") }
  }

  /// f:one calls f:two, and f:two squares.
  @Test func overloadsAreFunctionsOfTheirOwn() throws {
    let function = try Importer(overloads(inner: "two")).function()
    #expect(function.body.operations.map(\.op.name) == ["multiply", "add"])
    expectError("onnx-recursion") { _ = try Importer(overloads(inner: "one")).function() }
  }

  private func overloads(inner: String) throws -> OnnxModel {
    var model = smallModel()
    func call(_ overload: String, _ input: String, _ output: String) -> Onnx_NodeProto {
      var call = node("F", [input], [output])
      (call.domain, call.overload) = ("com.example", overload)
      return call
    }
    func function(_ overload: String, _ nodes: [Onnx_NodeProto]) -> Onnx_FunctionProto {
      var function = Onnx_FunctionProto()
      (function.domain, function.name, function.overload) = ("com.example", "F", overload)
      (function.input, function.output, function.node) = (["a"], ["b"], nodes)
      function.opsetImport = [opset("", 17), opset("com.example", 1)]
      return function
    }
    model.functions = [
      function("one", [call(inner, "a", "c"), node("Add", ["c", "a"], ["b"])]),
      function("two", [node("Mul", ["a", "a"], ["b"])]),
    ]
    model.graph = Onnx_GraphProto()
    model.graph.input = [valueInfo("x", [3])]
    model.graph.output = [valueInfo("y", [3])]
    model.graph.node = [call("one", "x", "y")]
    return try OnnxModel(bytes: model.serializedData(partial: true), name: "m")
  }
}
