import Foundation
import SwiftProtobuf
import TensorData
import TensorIR
import TensorOps
import Testing

@testable import TensorONNX

/// ONNX's random operators: their distributions, types and shapes, and that draws differ where they must.
@Suite struct RandomOperatorTests {
  private func attribute(_ name: String, _ number: Float) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .float
    attribute.f = number
    return attribute
  }

  private func attribute(_ name: String, _ numbers: [Int64]) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .ints
    attribute.ints = numbers
    return attribute
  }

  private func attribute(_ name: String, whole number: Int64) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .int
    attribute.i = number
    return attribute
  }

  private func operation(
    _ name: String, _ inputs: [String], _ output: String, _ attributes: [Onnx_AttributeProto]
  ) -> Onnx_NodeProto {
    var result = node(name, inputs, [output])
    result.attribute = attributes
    return result
  }

  private func results(
    _ nodes: [Onnx_NodeProto], _ inputs: [Onnx_ValueInfoProto] = [], _ values: [ReferenceTensor] = []
  ) throws -> [ReferenceTensor] {
    var model = Onnx_ModelProto()
    model.irVersion = 8
    model.opsetImport = [opset("", 17)]
    model.graph.node = nodes
    model.graph.input = inputs
    model.graph.output = nodes.flatMap(\.output).map { name in
      var info = Onnx_ValueInfoProto()
      info.name = name
      return info
    }
    let function = try Importer(OnnxModel(bytes: model.serializedData(partial: true), name: "test.onnx")).function()
    return try Evaluator.run(function, values)
  }

  private func moments(_ x: ReferenceTensor) -> (mean: Double, deviation: Double) {
    let mean = x.floats.reduce(0, +) / Double(x.count)
    let square = x.floats.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return (mean, square.squareRoot())
  }

  @Test func uniformNumbers() throws {
    let shape = attribute("shape", [50, 80])
    let found = try results([
      operation("RandomUniform", [], "a", [shape]),
      operation("RandomUniform", [], "b", [shape]),
      operation("RandomUniform", [], "c", [shape, attribute("low", -3), attribute("high", 5), attribute("seed", 2)]),
      operation("RandomUniform", [], "d", [shape, attribute("dtype", whole: 11)]),
    ])
    #expect(found.map(\.elementType) == [.f32, .f32, .f32, .f64] && found.allSatisfy { $0.shape == [50, 80] })
    #expect(found[0].floats != found[1].floats)
    for (x, range) in zip(found, [0.0..<1, 0.0..<1, -3.0..<5, 0.0..<1]) {
      #expect(x.floats.allSatisfy(range.contains))
      let width = range.upperBound - range.lowerBound
      // Four standard errors of 4,000 numbers.
      #expect(abs(moments(x).mean - (range.lowerBound + range.upperBound) / 2) < 4 * width / (12 * 4000.0).squareRoot())
    }
  }

  @Test func normalNumbersLikeAnInput() throws {
    let like = ReferenceTensor(.f32, [40, 101], floats: Array(repeating: 0, count: 4040))
    let nodes = [
      operation("RandomNormalLike", ["x"], "a", [attribute("mean", 3), attribute("scale", 0.5)]),
      operation("RandomNormalLike", ["x"], "b", [attribute("dtype", whole: 10)]),
      operation("RandomUniformLike", ["x"], "c", [attribute("low", 2), attribute("high", 2.5)]),
      operation("RandomNormal", [], "d", [attribute("shape", [4040])]),
    ]
    let found = try results(nodes, [valueInfo("x", ["n", "m"])], [like])
    #expect(found.map(\.elementType) == [.f32, .f16, .f32, .f32])
    #expect(found.prefix(3).allSatisfy { $0.shape == [40, 101] })
    for (x, (mean, deviation)) in zip(found, [(3.0, 0.5), (0.0, 1.0), (2.25, 0.5 / 12.0.squareRoot()), (0.0, 1.0)]) {
      let own = moments(x)
      #expect(abs(own.mean - mean) < 4 * deviation / 4040.0.squareRoot())
      #expect(abs(own.deviation / deviation - 1) < 4 / (2 * 4040.0).squareRoot())
    }
    // The same at every call, and another after another seed.
    #expect(try results(nodes, [valueInfo("x", ["n", "m"])], [like])[3].floats == found[3].floats)
    let shape = attribute("shape", [9])
    let seeds = try [1, 2].map { seed in
      try results([operation("RandomNormal", [], "y", [shape, attribute("seed", seed)])])[0].floats
    }
    #expect(seeds[0] != seeds[1])
  }

  @Test func draws() throws {
    let chances = ReferenceTensor(.f32, [3, 2000], floats: [0, 0.25, 1].flatMap { Array(repeating: $0, count: 2000) })
    let logs = ReferenceTensor(.f32, [2, 3], floats: [0, -.infinity, log(3), 5, 5, -.infinity])
    let found = try results(
      [
        operation("Bernoulli", ["p"], "a", []), operation("Bernoulli", ["p"], "b", [attribute("dtype", whole: 9)]),
        operation("Multinomial", ["l"], "c", [attribute("sample_size", whole: 2000)]),
        operation("Multinomial", ["l"], "d", [attribute("dtype", whole: 7)]),
      ], [valueInfo("p", [3, "n"]), valueInfo("l", [2, 3])], [chances, logs])
    #expect(found.map(\.elementType) == [.f32, .bool, .i32, .i64])
    #expect(found.map(\.shape) == [[3, 2000], [3, 2000], [2, 2000], [2, 1]])
    for (row, share) in [0, 0.25, 1].enumerated() {
      let mean = found[0].floats[row * 2000..<row * 2000 + 2000].reduce(0, +) / 2000
      #expect(abs(mean - share) <= 4 * (share * (1 - share) / 2000).squareRoot())
    }
    for (row, (place, share)) in [(2, 0.75), (1, 0.5)].enumerated() {
      let classes = found[2].integers[row * 2000..<row * 2000 + 2000]
      #expect(classes.allSatisfy { $0 != (row == 0 ? 1 : 2) && (0..<3).contains($0) })
      let mean = Double(classes.count { $0 == place }) / 2000
      #expect(abs(mean - share) < 4 * (share * (1 - share) / 2000).squareRoot())
    }
  }

  /// What is kept is made greater by as much as the mean would lose; a ratio may be computed.
  @Test func dropoutInTraining() throws {
    var yes = Onnx_TensorProto()
    yes.name = "yes"
    yes.dataType = .bool
    yes.int32Data = [1]
    var constant = Onnx_AttributeProto()
    constant.name = "value"
    constant.type = .tensor
    constant.t = yes
    let x = ReferenceTensor(.f32, [4000], floats: (0..<4000).map { Double($0 + 1) })
    for (ratio, given) in [(0.25, true), (0.75, false), (0, true), (1, true)] {
      var dropout = node("Dropout", ["x", given ? "r" : "r2", "t"], ["y", "m"])
      dropout.attribute = [attribute("seed", whole: 3)]
      var number = Onnx_AttributeProto()
      number.name = "value"
      number.type = .tensor
      number.t = floats("ratio", [], [Float(ratio)])
      let found = try results(
        [
          operation("Constant", [], "t", [constant]), operation("Constant", [], "r", [number]),
          operation("Add", ["r", "z"], "r2", []), dropout,
        ], [valueInfo("x", ["n"]), valueInfo("z", [])], [x, ReferenceTensor(.f32, [], floats: [0])])
      let (y, mask) = (found[3], found[4])
      #expect(mask.elementType == .bool && y.shape == [4000])
      for place in 0..<4000 {
        let wanted = mask.integers[place] == 0 ? 0 : x.floats[place] / (1 - ratio)
        #expect(abs(y.floats[place] - wanted) <= 1e-6 * wanted)
      }
      let kept = Double(mask.integers.reduce(0, +)) / 4000
      #expect(abs(kept - (1 - ratio)) <= 4 * (ratio * (1 - ratio) / 4000).squareRoot())
    }
  }

  @Test func mistakes() throws {
    let shape = attribute("shape", [2])
    for (wrong, id) in [
      (operation("RandomUniform", [], "y", [shape, attribute("low", 2)]), "onnx-random"),
      (operation("RandomNormal", [], "y", [shape, attribute("dtype", whole: 7)]), "onnx-random"),
      (operation("RandomNormal", [], "y", []), "onnx-missing-attribute"),
      (operation("RandomNormal", [], "y", [attribute("shape", [-1])]), "onnx-missing-attribute"),
    ] {
      do {
        _ = try results([wrong])
        Issue.record("no error where \(id) was expected")
      } catch { #expect("\(error)".contains(id), "\(error)") }
    }
  }
}
