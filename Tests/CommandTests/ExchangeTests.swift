import Foundation
import Testing

/// `export` and `train-step`. scripts/acceptance has onnxruntime run what the one writes, and C what the other makes.
@Suite struct ExchangeTests {
  private func place() throws -> Workplace {
    let place = try Workplace()
    try place.write(
      """
      func @main(%x: f32[n, 2]) -> (%y: f32[n, 3]) {
        %head.weight = constant {value: dense(f32, [2, 3], [1, 2, 3, 4, 5, 6])} : f32[2, 3]
        %y = matmul %x, %head.weight {transposeLeft: false, transposeRight: false} : f32[n, 3]
        return %y
      }
      """, "m.tir")
    return place
  }

  @Test func `a model is written as ONNX and read again`() throws {
    let place = try place()
    let export = try place.tensorc("export", "m.tir", "-o", "out/m.onnx", "--dim", "n=2..64")
    #expect(export.status == 0 && export.output.contains("out/m.onnx"), "\(export)")
    #expect(place.names("out") == ["m.onnx"])
    let inspect = try place.tensorc("inspect", "out/m.onnx")
    #expect(inspect.status == 0 && inspect.output.contains("f32[n, 2]"), "\(inspect)")
  }

  @Test func `what ONNX lacks is named with its place`() throws {
    let place = try Workplace()
    try place.write(
      """
      func @main(%x: f32[n]) -> i32[n] {
        %y = bit_cast %x {to: i32} : i32[n] at "model.swift":7:3
        return %y
      }
      """, "bits.tir")
    let outcome = try place.tensorc("export", "bits.tir", "-o", "bits.onnx")
    expect(outcome, fails: 1, "onnx-export", "model.swift:7:3", "'bit_cast'")
    expect(try place.tensorc("export", "bits.tir", "-o", "bits.pb"), fails: 2, "usage", ".onnx")
    #expect(place.names() == ["bits.tir"])
  }

  @Test func `mistakes in what is to be trained are told`() throws {
    let place = try place()
    let words = ["train-step", "m.tir", "-o", "out/tuned", "--loss", "mse"]
    func run(_ more: String...) throws -> Workplace.Outcome { try place.execute(Workplace.binary, words + more, [:]) }
    expect(try run(), fails: 2, "usage", "--trainable")
    expect(try run("--trainable", "tail.*"), fails: 1, "no-weights", "'head.weight'")
    expect(try run("--trainable", "*", "--frozen", "head.?eight"), fails: 1, "no-weights", "'head.weight'")
    expect(try run("--trainable", "*", "--momentum", "0.9"), fails: 2, "usage", "sgd")
    expect(try run("--lora", "tail.*"), fails: 1, "no-weights", "'tail.*'", "'head.weight'")
    expect(try run("--lora", "*", "--lora-rank", "0"), fails: 2, "usage", "--lora-rank")
    #expect(place.names() == ["m.tir"])
  }

  @Test func `C of a training library is written beside its header`() throws {
    let place = try place()
    let outcome = try place.tensorc(
      "train-step", "m.tir", "-o", "out/tuned.c", "--loss", "mse", "--optimizer", "sgd", "--trainable", "head.*",
      "--target", "generic")
    #expect(outcome.status == 0 && outcome.output.contains("head.weight: 6 numbers"), "\(outcome)")
    #expect(
      place.names("out").filter { !$0.hasSuffix(".weights") } == [
        "tuned.c", "tuned.h", "tuned_evaluate.c", "tuned_evaluate.h", "tuned_infer.c", "tuned_infer.h",
        "tuned_initial.c",
        "tuned_initial.h", "tuned_step.c", "tuned_step.h",
      ])
    let header = try String(contentsOf: place.url.appendingPathComponent("out/tuned.h"), encoding: .utf8)
    #expect(header.contains("int32_t tuned_step(tuned_state *state"), "\(header)")
  }
}
