import Foundation
import SwiftProtobuf
import TensorData
import TensorIR
import TensorOps
import TestSupport
import Testing

@testable import TensorONNX

@Suite struct ImporterTests {
  @Test func sameNameIsOneSymbol() throws {
    let function = try importing(
      [node("Add", ["x", "y"], ["z"])], inputs: [valueInfo("x", ["n", 3]), valueInfo("y", ["n", 3])], outputs: ["z"])
    #expect(function.symbols.symbols.map(\.name) == ["n"])
    #expect(function.resultTypes.map(\.description) == ["f32[n, 3]"])
    #expect(guards(function).isEmpty)
  }

  @Test func unnamedAndMalformedExtentsAreFreshSymbols() throws {
    let function = try importing(
      [node("Abs", ["x:0"], ["z"])], inputs: [valueInfo("x:0", [-1, "?", "?", "x_0_1"])], outputs: ["z"])
    #expect(function.resultTypes.map(\.description) == ["f32[x_0_0, x_0_1_, x_0_2, x_0_1]"])
    #expect(function[function.body.parameters[0]].name == "x:0")
  }

  @Test func dimensionsAreFixedAndBounded() throws {
    let inputs = [valueInfo("x", ["n", "m", -1])]
    let options = ImportOptions(dimensions: ["n": 4...4, "m": 2...64, "x_2": 7...7])
    let function = try importing([node("Abs", ["x"], ["z"])], inputs: inputs, outputs: ["z"], options)
    #expect(function.resultTypes.map(\.description) == ["f32[4, m, 7]"])
    #expect(function.symbols["m"] == Symbol("m", minimum: 2, maximum: 64))
    expectError("onnx-no-such-dimension") {
      _ = try importing(
        [node("Abs", ["x"], ["z"])], inputs: inputs, outputs: ["z"], ImportOptions(dimensions: ["k": 1...1]))
    }
  }

  @Test func constantsTakeTheirInputsPlaceAndFixSymbols() throws {
    let table = try HostTensor(type: .f32, shape: [2], elements: [Float(1), 2])
    let function = try importing(
      [node("Add", ["x", "y"], ["z"])], inputs: [valueInfo("x", ["n"]), valueInfo("y", ["n"])], outputs: ["z"],
      ImportOptions(constants: ["y": table]))
    #expect(function.parameterTypes.map(\.description) == ["f32[2]"])
    expectError("onnx-no-such-input") {
      _ = try importing(
        [node("Abs", ["x"], ["z"])], inputs: [valueInfo("x", ["n"])], outputs: ["z"],
        ImportOptions(constants: ["y": table]))
    }
  }

  @Test func namesAndPlacesAreKept() throws {
    var unnamed = node("Abs", ["x"], ["a;b:0"])
    unnamed.name = ""
    let function = try importing(
      [unnamed, node("Neg", ["a;b:0"], ["z"])], inputs: [valueInfo("x", [2])], outputs: ["z"])
    #expect(
      function.body.operations.map(\.location) == [
        .node(name: "a;b:0", kind: "Abs"), .node(name: "the Neg", kind: "Neg"),
      ])
    #expect(function[function.body.operations[0].results[0]].name == "a;b:0")
    #expect(function.resultNames == ["z"])
  }

  @Test func outputsMayBeInputsAndOneValue() throws {
    let function = try importing(
      [node("Identity", ["x"], ["y"])], inputs: [valueInfo("x", [2])], outputs: ["x", "y"])
    #expect(Set(function.body.results) == Set(function.body.parameters))
    #expect(function.resultNames == ["x", "y"])
    expectError("onnx-output-twice") {
      _ = try importing([node("Abs", ["x"], ["y"])], inputs: [valueInfo("x", [2])], outputs: ["y", "y"])
    }
  }

  @Test func shapeArithmeticVanishes() throws {
    let function = try importing(
      [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "first"], ["n"]),
        node("Concat", ["n", "rest"], ["t"], ["axis": 0]), node("Reshape", ["x", "t"], ["y"]),
      ],
      inputs: [valueInfo("x", ["n", "m", 4])], outputs: ["y"],
      initialisers: [integers("first", [0]), integers("rest", [-1, 2])])
    #expect(function.body.operations.map(\.op.name) == ["reshape"])
    #expect(function.resultTypes.map(\.description) == ["f32[n, 2*m, 2]"])
    #expect(guards(function).isEmpty)
  }

  @Test func inexactDivisionIsGuarded() throws {
    let function = try importing(
      [node("Reshape", ["x", "t"], ["y"])], inputs: [valueInfo("x", ["n"])], outputs: ["y"],
      initialisers: [integers("t", [-1, 2])])
    #expect(function.resultTypes.map(\.description) == ["f32[floordiv(n, 2), 2]"])
    #expect(guards(function).count == 1)
  }

  @Test func cutTablesBroadcastWithAGuard() throws {
    let function = try importing(
      [
        node("Shape", ["x"], ["s"]), node("Slice", ["table", "zero", "s"], ["part"]),
        node("Add", ["x", "part"], ["y"]),
      ],
      inputs: [valueInfo("x", ["n"])], outputs: ["y"],
      initialisers: [floats("table", [3], [1, 2, 3]), integers("zero", [0])])
    #expect(function.resultTypes.map(\.description) == ["f32[n]"])
    #expect(guards(function) == ["min(3, n) == n"])
  }

  @Test func unusedNodesAreLeftOut() throws {
    let function = try importing(
      [node("Nonsense", ["x"], ["w"]), node("Abs", ["x"], ["y"])], inputs: [valueInfo("x", [2])], outputs: ["y"])
    #expect(function.body.operations.map(\.op.name) == ["absolute"])
  }
}

@Suite struct ImporterErrorTests {
  @Test func everyUnsupportedOperatorIsListed() throws {
    let nodes = [
      node("Nonsense", ["x"], ["a"]), node("Nonsense", ["x"], ["b"]), node("Folly", ["a"], ["c"]),
      node("Abs", ["c"], ["d"]), node("Add", ["b", "d"], ["z"]),
    ]
    let errors = try #require(throws: OnnxErrors.self) {
      try importing(nodes, inputs: [valueInfo("x", [2])], outputs: ["z"])
    }
    #expect(
      errors.description == """
        test.onnx: node 'the Nonsense' (Nonsense): error: operator 'Nonsense' is not supported; 2 nodes use it: \
        'the Nonsense', 'the Nonsense' [onnx-unsupported-operator]
        test.onnx: node 'the Folly' (Folly): error: operator 'Folly' is not supported; 1 node uses it: \
        'the Folly' [onnx-unsupported-operator]
        """)
  }

  @Test func everyFaultIsToldOnceAndOfItsNode() throws {
    let nodes = [
      node("MatMul", ["x", "x"], ["a"]), node("Abs", ["a"], ["b"]), node("And", ["x", "x"], ["c"]),
      node("Add", ["b", "c"], ["z"]),
    ]
    let errors = try #require(throws: OnnxErrors.self) {
      try importing(nodes, inputs: [valueInfo("x", [2, 3])], outputs: ["z"])
    }
    #expect(errors.list.map(\.node?.operation) == ["MatMul", "And"])
  }

  @Test func attributesThatNothingReadsAreRefused() {
    expectError("onnx-unsupported-attribute") {
      _ = try importing(
        [node("Abs", ["x"], ["y"], ["speed": 3])], inputs: [valueInfo("x", [2])], outputs: ["y"])
    }
  }

  @Test(arguments: [[1 << 40, 1 << 40], [-2, 1], [5], [-1, -1], [0, 0, 0]]) func impossibleReshapes(_ target: [Int64]) {
    expectError(nil) {
      _ = try importing(
        [node("Reshape", ["x", "t"], ["y"])], inputs: [valueInfo("x", [2, 3])], outputs: ["y"],
        initialisers: [integers("t", target)])
    }
  }

  @Test func shapesFromDataAreExplained() {
    expectError("onnx-data-dependent") {
      _ = try importing(
        [node("Cast", ["x"], ["t"], ["to": 7]), node("Reshape", ["x", "t"], ["y"])], inputs: [valueInfo("x", [-1])],
        outputs: ["y"])
    }
  }

  /// Counts may be floats where the standard says so, and a shape never.
  @Test func floatsAreNoShape() throws {
    let x = valueInfo("x", [6])
    expectError("onnx-element-type") {
      _ = try importing(
        [node("Reshape", ["x", "s"], ["y"])], inputs: [x, valueInfo("s", [2])], outputs: ["y"])
    }
    _ = try importing(
      [node("Cast", ["x"], ["i"], ["to": 7]), node("OneHot", ["i", "depth", "v"], ["y"])],
      inputs: [x, valueInfo("depth", [1]), valueInfo("v", [2])], outputs: ["y"])
  }

  @Test func damagedModelsNeverTrap() throws {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    var mutations = Mutations(seed: 7)
    for theme in ["shapes", "slices", "sizes", "windows", "contractions"] {
      let bytes = try Data(contentsOf: directory.appendingPathComponent("Fixtures/onnx/\(theme).onnx"))
      for _ in 0..<60 {
        guard let model = try? OnnxModel(bytes: mutations.mutated(bytes), name: "damaged") else { continue }
        do { _ = try Importer(model).function() } catch { #expect(error is OnnxErrors) }
      }
    }
  }
}

/// A model of a few nodes, imported.
@discardableResult
func importing(
  _ nodes: [Onnx_NodeProto], inputs: [Onnx_ValueInfoProto], outputs: [String],
  initialisers: [Onnx_TensorProto] = [], _ options: ImportOptions = ImportOptions()
) throws -> Function {
  var model = Onnx_ModelProto()
  model.irVersion = 8
  model.opsetImport = [opset("", 17)]
  model.graph.node = nodes
  model.graph.input = inputs
  model.graph.initializer = initialisers
  model.graph.output = outputs.map { name in
    var info = Onnx_ValueInfoProto()
    info.name = name
    return info
  }
  return try Importer(OnnxModel(bytes: model.serializedData(partial: true), name: "test.onnx"), options: options)
    .function()
}

private func importing(
  _ nodes: [Onnx_NodeProto], inputs: [Onnx_ValueInfoProto], outputs: [String], _ options: ImportOptions
) throws -> Function {
  try importing(nodes, inputs: inputs, outputs: outputs, initialisers: [], options)
}

private func node(
  _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: Int64]
) -> Onnx_NodeProto {
  var result = node(operation, inputs, outputs)
  result.attribute = attributes.sorted { $0.key < $1.key }.map { name, value in
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .int
    attribute.i = value
    return attribute
  }
  return result
}

func integers(_ name: String, _ values: [Int64]) -> Onnx_TensorProto {
  var tensor = Onnx_TensorProto()
  tensor.name = name
  tensor.dataType = .int64
  tensor.dims = [Int64(values.count)]
  tensor.int64Data = values
  return tensor
}

func guards(_ function: Function) -> [String] {
  function.body.operations.flatMap(\.guards).map(\.condition.description)
}

/// Expects errors, the first of which has an id, or any.
func expectError(_ id: String?, _ body: () throws -> Void) {
  do {
    try body()
    Issue.record("nothing was thrown")
  } catch let errors as OnnxErrors {
    if let id { #expect(errors.list.first?.id == id) }
  } catch let error as OnnxError {
    if let id { #expect(error.id == id) }
  } catch { Issue.record("\(error)") }
}
