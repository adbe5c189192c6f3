import Dispatch
import Foundation
import SwiftProtobuf
import TensorData
import TestSupport
import Testing

@testable import TensorONNX

/// ONNX models, sound and damaged, through the command.
@Suite struct OnnxCommandTests {
  @Test func `a model compiles, runs and verifies`() throws {
    let place = try Workplace.withAddition()
    try place.write(OnnxModels.addition().serializedData(), "add.onnx")
    for flags in [[], ["--static"], ["--dim", "n=2"]] {
      let outcome = try place.execute(
        Workplace.binary, ["verify", "add.onnx", "--data", "data"] + flags, [:])
      #expect(outcome.status == 0, "\(outcome)")
    }
    #expect(try place.tensorc("compile", "add.onnx", "-o", "add").status == 0)
    #expect(try place.tensorc("verify", "add.so", "--data", "data").status == 0)
    #expect(try place.tensorc("compile", "add.onnx", "-o", "again", "--emit", "ir").status == 0)
    #expect(try place.tensorc("verify", "again.tir", "--data", "data").status == 0)
  }

  @Test func `structure comes from the data and is told`() throws {
    let place = try Workplace()
    let model = OnnxModels.model(
      [OnnxModels.node("Reshape", ["x", "shape"], ["y"])],
      inputs: [OnnxModels.value("x", ["2", "3"]), OnnxModels.value("shape", ["rank"], .int64)],
      outputs: [OnnxModels.value("y", ["a", "b"])])
    try place.write(model.serializedData(), "reshape.onnx")
    let numbers: [Float] = [1, 2, 3, 4, 5, 6]
    let data = place.url.appendingPathComponent("data").path
    let input = try HostTensor(type: .f32, shape: [2, 3], elements: numbers)
    let shape = try HostTensor(type: .i64, shape: [2], elements: [3, 2] as [Int64])
    try DataDirectory.write([input, shape], as: "input", in: data)
    try DataDirectory.write(
      [HostTensor(type: .f32, shape: [3, 2], elements: numbers)], as: "output", in: data)
    let verified = try place.tensorc("verify", "reshape.onnx", "--data", "data")
    let last = verified.output.split(separator: "\n").last ?? ""
    #expect(verified.status == 0 && last.hasPrefix("note: input 'shape' is a constant"), "\(verified)")
    #expect(last.contains("compile needs --const shape=") && last.hasSuffix("input_1.npy"), "\(verified)")
    expect(
      try place.tensorc("compile", "reshape.onnx", "-o", "r"), fails: 1, "onnx-data-dependent",
      "reshape.onnx: node ",
      "--const")
    #expect(
      try place.tensorc("compile", "reshape.onnx", "-o", "r", "--const", "shape=data/input_1.npy").status == 0
    )
  }

  @Test func `names may be anything`() throws {
    let names = [
      ("in\"put", "a/b/c", "größe"), ("int", "for", "return"), ("*/", "\\n", "%d\n"),
      ("x y", "\u{1F600}", "'"),
      ("main", "printf", "NULL"), ("names_run", "names_create", "names_weights"),
    ]
    for name in names {
      let place = try Workplace.withAddition()
      try place.write(OnnxModels.addition(names: name).serializedData(), "names.onnx")
      let outcome = try place.tensorc("verify", "names.onnx", "--data", "data")
      #expect(outcome.status == 0, "\(name): \(outcome)")
      let text = try place.tensorc("compile", "names.onnx", "-o", "names.tir")
      #expect(text.status == 0, "\(name): \(text)")
      let again = try place.tensorc("verify", "names.tir", "--data", "data")
      #expect(again.status == 0, "\(name): \(again)")
    }
  }

  @Test(arguments: ["for", "my model", "größe", "it's", "a\"b", "1st", "-x", "$HOME", "a;b", "ünï/cödé"])
  func `outputs may be called anything`(_ name: String) throws {
    let place = try Workplace.withAddition()
    let output = "./out/\(name)"
    let outcome = try place.tensorc("compile", "add.tir", "-o", output, "--emit", "so,c,a")
    #expect(outcome.status == 0, "\(outcome)")
    for ending in ["so", "c", "a"] { #expect(place.exists("\(output).\(ending)"), "\(ending)") }
    #expect(try place.tensorc("verify", "\(output).so", "--data", "data").status == 0)
  }

  @Test func `unknown operators are all told, and cycles`() throws {
    let place = try Workplace()
    let unknown = OnnxModels.model(
      [
        OnnxModels.node("Frobnicate", ["x"], ["a"], name: "first"),
        OnnxModels.node("Twiddle", ["x"], ["b"], name: "second"),
      ],
      inputs: [OnnxModels.value("x", ["2"])],
      outputs: [OnnxModels.value("a", ["2"]), OnnxModels.value("b", ["2"])])
    try place.write(unknown.serializedData(), "unknown.onnx")
    let outcome = try place.tensorc("compile", "unknown.onnx", "-o", "u")
    expect(outcome, fails: 1, "onnx-unsupported-operator", "unknown.onnx: node 'first' (Frobnicate): error: ")
    #expect(outcome.errors.contains("node 'second' (Twiddle): error: "), "\(outcome)")
    let cyclic = OnnxModels.model(
      [OnnxModels.node("Add", ["x", "b"], ["a"]), OnnxModels.node("Relu", ["a"], ["b"])],
      inputs: [OnnxModels.value("x", ["2"])], outputs: [OnnxModels.value("b", ["2"])])
    try place.write(cyclic.serializedData(), "cyclic.onnx")
    let cycle = try place.tensorc("compile", "cyclic.onnx", "-o", "c")
    #expect(
      cycle.status == 1 && cycle.errors.contains("cyclic.onnx: node 'Add_a' (Add): error: "), "\(cycle)")
    try place.write("no model at all", "text.onnx")
    #expect(try place.tensorc("compile", "text.onnx", "-o", "c").status == 1)
    #expect(place.names() == ["cyclic.onnx", "text.onnx", "unknown.onnx"])
  }

  /// Half the models are damaged in their bytes, half in the fields of their graphs.
  @Test func `damaged models end in an error or in a whole library`() throws {
    let count = 400
    let sound = try OnnxModels.network().serializedData()
    let place = try Workplace()
    let tally = Tally()
    DispatchQueue.concurrentPerform(iterations: count) { number in
      do {
        let name = "m\(number)"
        try place.write(try OnnxCommandTests.damaged(sound, number), "\(name).onnx")
        let outcome = try place.execute(
          Workplace.binary,
          ["compile", "\(name).onnx", "-o", "\(name)/out", "--emit", "c", "--target", "generic"], [:],
          seconds: 30)
        let written = place.names(name)
        switch outcome.status {
        case 0 where written.contains("out.c") && written.contains("out.h"): tally.count()
        case 1 where written.isEmpty && outcome.errors.contains("error: ") && outcome.errors.contains("["):
          break
        default: tally.fault("model \(number): \(outcome), wrote \(written)")
        }
      } catch { tally.fault("model \(number): \(error)") }
    }
    #expect(tally.faults == [])
    // Were none left that compiles, the damage would all be found by the first check.
    #expect(tally.compiled > count / 20)
    #expect(tally.compiled < count)
  }

  private static func damaged(_ sound: Data, _ number: Int) throws -> Data {
    if number % 2 == 0 {
      var mutations = Mutations(seed: UInt64(number))
      return mutations.mutated(sound)
    }
    var model = OnnxModels.network()
    var mutation = GraphMutation(seed: UInt64(number))
    mutation.apply(to: &model)
    return try model.serializedData(partial: true)
  }
}

/// Counts from several threads.
private final class Tally: @unchecked Sendable {
  private let lock = NSLock()
  private(set) var compiled = 0
  private(set) var faults: [String] = []

  func count() { lock.withLock { compiled += 1 } }
  func fault(_ text: String) { lock.withLock { faults.append(text) } }
}
