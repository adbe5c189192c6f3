import Foundation
import SwiftProtobuf
import TensorData
import Testing

@testable import TensorONNX

/// What the command says of models that it cannot compile, and of what it takes from the data.
@Suite struct FaultTests {
  /// `If (condition) Squeeze(x) else x`, whose branches differ in rank.
  private static func squeezing(_ condition: String) -> Onnx_NodeProto {
    var node = OnnxModels.node("If", [condition], ["y"])
    node.attribute = [
      OnnxModels.graph(
        "then_branch", [OnnxModels.node("Squeeze", ["x", "axis"], ["t"])], output: "t",
        initializers: [OnnxModels.integers("axis", [1])]),
      OnnxModels.graph("else_branch", [OnnxModels.node("Identity", ["x"], ["e"])], output: "e"),
    ]
    return node
  }

  @Test func `every fault of a model is told once and none for another`() throws {
    var small = OnnxModels.tensor("small", [2], [])
    small.dataType = .float6E2M3
    small.rawData = Data([1, 2])
    var unused = small
    unused.name = "unused"
    var domain = OnnxModels.node("Foo", ["x"], ["b"])
    domain.domain = "com.example"
    let model = OnnxModels.model(
      [
        OnnxModels.node("Nonsense", ["x"], ["a"]), domain, OnnxModels.node("Reshape", ["x", "shape"], ["c"]),
        OnnxModels.node("Add", ["small", "x"], ["d"]), OnnxModels.node("Mul", ["small", "d"], ["e"]),
        OnnxModels.node("Add", ["labels", "place"], ["f"]), OnnxModels.node("Abs", ["x"], ["g"], ["speed": 1]),
        OnnxModels.node("Add", ["a", "e"], ["h"]), Self.squeezing("flag"), OnnxModels.node("Folly", ["h"], ["i"]),
      ],
      inputs: [
        OnnxModels.value("x", ["2", "1"]), OnnxModels.value("shape", ["r"], .int64),
        OnnxModels.value("place", ["2"], .int64), OnnxModels.value("flag", [], .bool),
        OnnxModels.value("words", ["2"], .string),
      ],
      outputs: ["b", "c", "f", "g", "h", "i", "y"].map { OnnxModels.value($0, []) },
      initializers: [small, unused, OnnxModels.text("labels", ["yes", "no"]), OnnxModels.text("unused text", ["?"])])
    let place = try Workplace()
    try place.write(model.serializedData(), "faults.onnx")
    let outcome = try place.tensorc("compile", "faults.onnx", "-o", "f")
    #expect(outcome.status == 1 && place.names() == ["faults.onnx"])
    let lines = outcome.errors.split(separator: "\n").map(String.init).sorted()
    let starts = [
      "faults.onnx: error: input 'words' is not a tensor of numbers",
      "faults.onnx: node 'Abs_g' (Abs): error: its attribute 'speed' is not supported",
      "faults.onnx: node 'Add_d' (Add): error: tensor 'small': elements of type FLOAT6E2M3",
      "faults.onnx: node 'Add_f' (Add): error: its input 0 'labels' is text, with which compiled code does not compute",
      "faults.onnx: node 'Folly_i' (Folly): error: ",
      "faults.onnx: node 'Foo_b' (com.example.Foo): error: ",
      "faults.onnx: node 'If_y' (If): error: its branches give f32[2] and f32[2, 1], of different ranks",
      "faults.onnx: node 'Nonsense_a' (Nonsense): error: ",
      "faults.onnx: node 'Reshape_c' (Reshape): error: it takes numbers from a tensor i64[r]",
    ]
    #expect(lines.count == starts.count, "\(outcome.errors)")
    for (line, start) in zip(lines, starts) { #expect(line.hasPrefix(start), "\(line)") }
    #expect(!outcome.errors.contains("error: error:"))
  }

  @Test func `names that nothing defines are all told`() throws {
    let model = OnnxModels.model(
      [
        OnnxModels.node("Add", ["x", "one"], ["a"]), OnnxModels.node("Add", ["one", "two"], ["b"], name: ""),
      ],
      inputs: [OnnxModels.value("x", ["2"])], outputs: [OnnxModels.value("a", ["2"]), OnnxModels.value("b", ["2"])])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    let outcome = try place.tensorc("inspect", "m.onnx")
    let lines = outcome.errors.split(separator: "\n")
    #expect(outcome.status == 1 && lines.count == 2, "\(outcome)")
    #expect(lines.first?.hasPrefix("m.onnx: node 'Add_a' (Add): error: its input 'one'") == true, "\(outcome)")
    #expect(lines.last?.hasPrefix("m.onnx: node 'Add_b' (Add): error: its input 'two'") == true, "\(outcome)")
  }

  @Test func `a hint names the option that helps`() throws {
    let place = try Workplace()
    // The condition follows from an input of integers, and from numbers.
    let rate = [OnnxModels.node("Equal", ["rate", "place"], ["c"]), Self.squeezing("c")]
    let data = [
      OnnxModels.node("ReduceSum", ["x"], ["sum"], ["keepdims": 0]), OnnxModels.node("Greater", ["sum", "sum"], ["c"]),
      Self.squeezing("c"),
    ]
    let cases = [(rate, "--const rate=FILE [", "--dim"), (data, "must be known before [", "--")]
    for (number, (nodes, hint, other)) in cases.enumerated() {
      let model = OnnxModels.model(
        nodes, inputs: [OnnxModels.value("x", ["n", "k", "3"]), OnnxModels.value("rate", ["1"], .int64)],
        outputs: [OnnxModels.value("y", [])], initializers: [OnnxModels.integers("place", [1])])
      try place.write(model.serializedData(), "m\(number).onnx")
      let outcome = try place.tensorc("compile", "m\(number).onnx", "-o", "f")
      expect(outcome, fails: 1, "onnx-data-dependent", "m\(number).onnx: node 'If_y' (If): error: ", hint)
      #expect(!outcome.errors.contains(other), "\(outcome)")
    }
  }

  @Test func `static takes extents and integers from the data`() throws {
    let model = OnnxModels.model(
      [
        OnnxModels.node("Shape", ["x"], ["s"]), OnnxModels.node("Gather", ["s", "place"], ["k"]),
        OnnxModels.node("Equal", ["k", "place"], ["c"]), Self.squeezing("c"),
        OnnxModels.node("Slice", ["y", "from", "to", "axes"], ["z"]),
      ],
      inputs: [
        OnnxModels.value("x", ["n", "k", "?"]), OnnxModels.value("from", ["1"], .int64),
        OnnxModels.value("to", ["m"], .int64),
      ],
      outputs: [OnnxModels.value("z", [])],
      initializers: [OnnxModels.integers("place", [1]), OnnxModels.integers("axes", [0])])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    let data = place.url.appendingPathComponent("data").path
    let x = try HostTensor(type: .f32, shape: [3, 1, 2], elements: [1, 2, 3, 4, 5, 6] as [Float])
    let ends = try [1, 3].map { try HostTensor(type: .i64, shape: [1], elements: [$0] as [Int64]) }
    try DataDirectory.write([x] + ends, as: "input", in: data)
    try DataDirectory.write(
      [HostTensor(type: .f32, shape: [2, 2], elements: [3, 4, 5, 6] as [Float])], as: "output", in: data)
    let outcome = try place.tensorc("verify", "m.onnx", "--data", "data", "--static")
    #expect(outcome.status == 0, "\(outcome)")
    let last = outcome.output.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("note: inputs 'from', 'to' are constants, taken from the data; compile needs"), "\(outcome)")
    #expect(last.contains("--dim k=1") && last.contains("--const from="), "\(outcome)")
    let run = try place.tensorc("run", "m.onnx", "--inputs", "data", "--outputs", "r", "--static")
    #expect(run.status == 0 && run.output.contains("compile needs"), "\(run)")
    // Without it the library is made for the sizes that are meant, and says which are not.
    expect(try place.tensorc("verify", "m.onnx", "--data", "data"), fails: 1, "guard-failed", "--dim k=N")
  }

  @Test func `data that a model does not take is told before what the model lacks`() throws {
    let model = OnnxModels.model(
      [OnnxModels.node("Reshape", ["x", "shape"], ["y"])],
      inputs: [OnnxModels.value("x", ["2", "3"]), OnnxModels.value("shape", ["2"], .int64)],
      outputs: [OnnxModels.value("y", [])])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    let numbers: [Float] = [1, 2, 3, 4, 5, 6]
    for (name, count) in [("few", 1), ("wrong", 2), ("many", 3)] {
      try place.data(name, inputs: Array(repeating: numbers, count: count), outputs: [numbers], shape: [2, 3])
    }
    for command in [["verify", "m.onnx", "--data"], ["run", "m.onnx", "--outputs", "r", "--inputs"]] {
      let few = try place.execute(Workplace.binary, command + ["few"], [:])
      expect(few, fails: 1, "input-count", "m.onnx: error: ", "input_1 ('shape') is missing")
      expect(try place.execute(Workplace.binary, command + ["many"], [:]), fails: 1, "input-count", "has 3")
      let wrong = try place.execute(Workplace.binary, command + ["wrong"], [:])
      expect(wrong, fails: 1, "element-type", "input_1 ('shape') is a tensor of i64, but the data is f32[2, 3]")
    }
    let constant = try place.tensorc("compile", "m.onnx", "-o", "f", "--const", "shape=wrong/input_1.npy")
    expect(constant, fails: 1, "onnx-constant-type", "'shape'")
    #expect(constant.errors.split(separator: "\n").count == 1, "\(constant)")
  }

  @Test func `numbers are never taken from the data`() throws {
    var loop = OnnxModels.node("Loop", ["", "go", "x"], ["y"])
    var body = OnnxModels.graph(
      "body",
      [OnnxModels.node("Mul", ["a", "a"], ["b"]), OnnxModels.node("Greater", ["b", "a"], ["on"])], output: "on")
    body.g.input = [
      OnnxModels.value("i", [], .int64), OnnxModels.value("cond", [], .bool), OnnxModels.value("a", []),
    ]
    body.g.output = [OnnxModels.value("on", [], .bool), OnnxModels.value("b", [])]
    loop.attribute = [body]
    let model = OnnxModels.model(
      [OnnxModels.node("Greater", ["x", "x"], ["go"]), loop], inputs: [OnnxModels.value("x", [])],
      outputs: [OnnxModels.value("y", [])])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    try place.data("data", inputs: [[0.5]], outputs: [[0.5]], shape: [])
    for flags in [[], ["--static"]] {
      let outcome = try place.execute(Workplace.binary, ["verify", "m.onnx", "--data", "data"] + flags, [:])
      // Where such a loop can be compiled, nothing is taken; where not, it is an error without a useless hint.
      #expect(!outcome.output.contains("note:") && !outcome.errors.contains("--"), "\(outcome)")
      if outcome.status != 0 {
        expect(outcome, fails: 1, "onnx-data-dependent", "m.onnx: node 'Loop_y' (Loop): error: ")
      }
    }
  }

  @Test func `scales are taken, for they say a shape and nothing else`() throws {
    let model = OnnxModels.model(
      [OnnxModels.node("Resize", ["x", "", "scales"], ["y"])],
      inputs: [OnnxModels.value("x", ["1", "1", "2", "2"]), OnnxModels.value("scales", ["4"])],
      outputs: [OnnxModels.value("y", [])])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    let data = place.url.appendingPathComponent("data").path
    let x = try HostTensor(type: .f32, shape: [1, 1, 2, 2], elements: [1, 2, 3, 4] as [Float])
    let scales = try HostTensor(type: .f32, shape: [4], elements: [1, 1, 2, 2] as [Float])
    let wide: [Float] = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]
    try DataDirectory.write([x, scales], as: "input", in: data)
    try DataDirectory.write([HostTensor(type: .f32, shape: [1, 1, 4, 4], elements: wide)], as: "output", in: data)
    let outcome = try place.tensorc("verify", "m.onnx", "--data", "data")
    #expect(outcome.status == 0 && outcome.output.contains("note: input 'scales' is a constant"), "\(outcome)")
  }

  @Test func `an error of a run names its node like an error of the compiler`() throws {
    let model = OnnxModels.model(
      [OnnxModels.node("Gather", ["x", "i"], ["y"])],
      inputs: [OnnxModels.value("x", ["4"]), OnnxModels.value("i", ["20"], .int64)],
      outputs: [OnnxModels.value("y", ["20"])])
    let place = try Workplace()
    try place.write(model.serializedData(), "m.onnx")
    let data = place.url.appendingPathComponent("data").path
    let x = try HostTensor(type: .f32, shape: [4], elements: [1, 2, 3, 4] as [Float])
    let places = try HostTensor(type: .i64, shape: [20], elements: [Int64](repeating: 9, count: 20))
    try DataDirectory.write([x, places], as: "input", in: data)
    let outcome = try place.tensorc("run", "m.onnx", "--inputs", "data", "--outputs", "r")
    expect(
      outcome, fails: 1, "index-out-of-range", "m.onnx: node 'Gather_y' (Gather): error: 'gather' was given index 9")
  }
}
