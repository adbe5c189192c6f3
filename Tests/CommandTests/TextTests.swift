import Foundation
import TensorData
import Testing

@testable import TensorONNX

/// Models whose results are text, through the command.
@Suite struct TextTests {
  private func place(_ expected: [String]) throws -> Workplace {
    let model = OnnxModels.model(
      [OnnxModels.node("Gather", ["labels", "x"], ["y"]), OnnxModels.node("Neg", ["x"], ["z"])],
      inputs: [OnnxModels.value("x", ["n"], .int64)],
      outputs: [OnnxModels.value("y", ["n"], .string), OnnxModels.value("z", ["n"], .int64)],
      initializers: [OnnxModels.text("labels", ["no", "yes", "no", "perhaps"])])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    let data = place.url.appendingPathComponent("data")
    let numbers = { try HostTensor(type: .i64, shape: [3], elements: $0 as [Int64]) }
    try DataDirectory.write([numbers([3, 2, 1])], as: "input", in: data.path)
    try OnnxModels.text("y", expected).serializedData().write(to: data.appendingPathComponent("output_0.pb"))
    try NpyFile.write(numbers([-3, -2, -1]), to: data.appendingPathComponent("output_1.npy").path)
    return place
  }

  @Test func `results of text are places in a table beside the library`() throws {
    let place = try place(["perhaps", "no", "yes"])
    let compiled = try place.tensorc("compile", "m.onnx", "-o", "m", "--emit", "so,ir")
    #expect(compiled.status == 0, "\(compiled)")
    #expect(compiled.errors.contains("output 'y' is text: its elements are places among the texts 0 'no', 1 'yes'"))
    let table = try #require(
      FileManager.default.contents(atPath: place.url.appendingPathComponent("m.labels.json").path))
    #expect(try JSONDecoder().decode([String: [String]].self, from: table) == ["y": ["no", "yes", "perhaps"]])
    for subject in ["m.onnx", "m.so", "m.tir"] {
      let verified = try place.tensorc("verify", subject, "--data", "data")
      #expect(verified.status == 0, "\(subject) \(verified)")
    }
    let again = try place.tensorc("compile", "m.tir", "-o", "again")
    #expect(again.status == 0 && place.names().contains("again.labels.json"), "\(again)")
    try place.write(Data("{".utf8), "m.labels.json")
    expect(try place.tensorc("verify", "m.so", "--data", "data"), fails: 1, "labels", "m.labels.json")
  }

  @Test func `another text than expected is a mismatch`() throws {
    for text in ["yes", "maybe"] {
      let verified = try place([text, "no", "yes"]).tensorc("verify", "m.onnx", "--data", "data")
      #expect(verified.status == 1 && verified.output.contains("1 of 3 elements differ"), "\(verified)")
    }
  }

  @Test func `text that a run would choose a branch for is refused`() throws {
    var node = OnnxModels.node("If", ["flag"], ["y"])
    node.attribute = ["then", "else"].map { side in
      OnnxModels.graph(
        "\(side)_branch", [OnnxModels.node("Identity", [side], ["t"])], output: "t",
        initializers: [OnnxModels.text(side, [side])])
    }
    let model = OnnxModels.model(
      [node], inputs: [OnnxModels.value("flag", [], .bool)], outputs: [OnnxModels.value("y", ["1"], .string)])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    expect(
      try place.tensorc("compile", "m.onnx", "-o", "m"), fails: 1, "onnx-strings", "node 'If_y'", "leaves a branch")
  }
}
