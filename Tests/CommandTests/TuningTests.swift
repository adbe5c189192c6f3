import Foundation
import TensorIR
import Testing

/// `--tune`: what is measured once is read afterwards, and computes the same whatever it is.
@Suite struct TuningTests {
  private static let model = """
    func @main(%x: f32[1, 16, 20, 20], %w: f32[16, 16, 3, 3], %m: f32[320, 24]) -> (%y: f32[20, 24]) {
      %c = convolution %x, %w {strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [1, 1], groups: 1} : f32[1, 16, 20, 20]
      %t = transpose %c {permutation: [0, 2, 1, 3]} : f32[1, 20, 16, 20]
      %r = reshape %t {shape: [20, 320]} : f32[20, 320]
      %y = matmul %r, %m {transposeLeft: false, transposeRight: false} : f32[20, 24]
      return %y
    }
    """

  @Test func `choices are measured once and then read`() throws {
    let place = try Workplace()
    try place.write(TuningTests.model, "m.tir")
    let first = try place.tensorc("compile", "m.tir", "-o", "m.so", "--tune", "m.tuning.json")
    #expect(first.status == 0 && first.errors.contains("tuned  attention.keys"), "\(first)")
    let text = try String(contentsOf: place.url.appendingPathComponent("m.tuning.json"), encoding: .utf8)
    #expect(text.contains("\"target\" : \"native\""), "\(text)")
    let second = try place.tensorc("bench", "m.tir", "--tune", "m.tuning.json", "--runs", "2")
    #expect(second.status == 0 && !second.errors.contains("tuned"), "\(second)")
  }

  @Test func `every choice computes what the rules' does`() throws {
    let place = try Workplace()
    try place.write(TuningTests.model, "m.tir")
    let last = Tuning.choices.map { "\"\($0.name)\": \($0.candidates[$0.candidates.count - 1])" }.joined(
      separator: ", ")
    try place.write("{\"target\": \"native\", \"choices\": {\(last)}}", "last.json")
    // Made inputs are written beside the outputs.
    #expect(try place.tensorc("run", "m.tir", "--outputs", "data").status == 0)
    let found = try place.tensorc("verify", "m.tir", "--data", "data", "--tune", "last.json")
    #expect(found.status == 0, "\(found)")
    // The numbers arrive in the code.
    try place.write("{\"target\": \"x86-64-v3\", \"choices\": {\(last)}}", "v3.json")
    for (name, words) in [("ruled", []), ("tuned", ["--tune", "v3.json"])] {
      let made = try place.execute(
        Workplace.binary, ["compile", "m.tir", "-o", name, "--emit", "c", "--target", "x86-64-v3"] + words, [:])
      #expect(made.status == 0, "\(made)")
    }
    let codes = try ["ruled.c", "tuned.c"].map {
      try String(contentsOf: place.url.appendingPathComponent($0), encoding: .utf8)
    }
    #expect(codes[0] != codes[1].replacingOccurrences(of: "tuned", with: "ruled"))
  }

  @Test(arguments: [
    ("none", "not a tuning file"), ("{}", "not a tuning file"),
    ("{\"target\": \"native\", \"choices\": {\"speed\": 9}}", "'speed'"),
    ("{\"target\": \"native\", \"choices\": {\"attention.keys\": 3}}", "256, 128, 512"),
    ("{\"target\": \"generic\", \"choices\": {}}", "measured for 'generic'"),
  ])
  func `a file that chooses nothing known is refused`(_ text: String, _ word: String) throws {
    let place = try Workplace.withAddition()
    try place.write(text, "t.json")
    expect(try place.tensorc("compile", "add.tir", "-o", "x.so", "--tune", "t.json"), fails: 1, "tuning-file", word)
    #expect(!place.exists("x.so"))
  }

  @Test func `what runs nothing measures nothing`() throws {
    let place = try Workplace.withAddition()
    expect(try place.tensorc("opt", "add.tir", "--tune", "t.json"), fails: 1, "tuning-file", "compile writes it")
    #expect(!place.exists("t.json"))
    expect(
      try place.tensorc("compile", "add.tir", "-o", "x.so", "--tune", "."), fails: 1, "tuning-file", "cannot be read")
    let same = try place.tensorc("compile", "add.tir", "-o", "x.so", "--tune", "x.so")
    #expect(same.status == 2 && same.errors.contains("the same file"), "\(same)")
    let alone = try place.tensorc("compile", "add.tir", "-o", "x.so", "--tune-data", "data")
    #expect(alone.status == 2 && alone.errors.contains("--tune FILE"), "\(alone)")
  }
}
