import Foundation
import TensorData
import Testing

/// What stands beside a library, and what the command does without data. scripts/acceptance/packages.sh uses the files.
@Suite struct SurfaceTests {
  @Test func `files beside a library are written where they are asked for`() throws {
    let place = try Workplace.withAddition()
    let all = try place.tensorc("compile", "add.tir", "-o", "out/my-add", "--emit", "so,a,s,swift,cmake,pc")
    #expect(all.status == 0, "\(all)")
    #expect(
      place.names("out") == [
        "my-add-config.cmake", "my-add.S", "my-add.a", "my-add.h", "my-add.pc", "my-add.so", "my-add.swift",
      ])
    // Without a library there is nothing to find; nothing is written.
    for kind in ["cmake", "pc", "c,pc"] {
      expect(
        try place.tensorc("compile", "add.tir", "-o", "none/x", "--emit", kind), fails: 2, "output-kind", "so or a")
    }
    #expect(!place.exists("none"))
    // A Swift file alone needs no compiler.
    let alone = try place.execute(
      Workplace.binary, ["compile", "add.tir", "-o", "alone/x", "--emit", "swift", "--target", "generic"],
      ["PATH": place.url.path])
    #expect(alone.status == 0 && place.names("alone") == ["x.swift"], "\(alone)")
  }

  @Test func `a Swift file has the names, types and sizes of the model`() throws {
    let place = try Workplace()
    try place.write(
      """
      func @main(%input_ids: i64[batch, sequence], %in: f32[batch, 4], %scale: f32[], %w: bf16[4]) -> (%sum: f32[batch, 4], %self: bf16[4]) {
        %a = multiply %in, %scale : f32[batch, 4]
        %b = relu %w : bf16[4]
        return %a, %b
      }
      """, "m.tir")
    try place.write(
      """
      func @two(%class: i32[n, 3], %threads: f32[m, n]) -> (%y: i32[n, 3]) {
        %y = relu %class : i32[n, 3]
        return %y
      }
      """, "two.tir")
    #expect(try place.tensorc("compile", "m.tir", "-o", "my-model-2", "--emit", "swift,a").status == 0)
    let text = try String(contentsOf: place.url.appendingPathComponent("my-model-2.swift"), encoding: .utf8)
    #expect(text.contains("public struct MyModel2: Sendable"), "\(text)")
    #expect(text.contains("@_silgen_name(\"my_model_2_library\")"), "\(text)")
    let shapes = "(inputIds: HostArray, `in`: HostArray, scale: HostArray, w: HostArray, threads: Int? = nil)"
    #expect(text.contains("callAsFunction\(shapes) async throws -> (sum: HostArray, `self`: HostArray)"), "\(text)")
    // An input of bf16 has no Swift type, so there is no call with elements.
    #expect(!text.contains("[Float]"), "\(text)")
    #expect(try place.tensorc("compile", "two.tir", "-o", "Float", "--emit", "swift,so").status == 0)
    let two = try String(contentsOf: place.url.appendingPathComponent("Float.swift"), encoding: .utf8)
    #expect(
      two.contains("struct FloatModel") && !two.contains("silgen_name") && !two.contains("static let shared"), "\(two)")
    #expect(
      two.contains("(`class`: [Int32], threads2: [Float], m: Int, threads: Int? = nil) async throws -> [Int32]"),
      "\(two)")
    #expect(two.contains("stride: 3)"), "\(two)")
  }

  @Test(arguments: [
    (["complie", "add.tir"], "unknown-subcommand", "'compile'"), (["inpsect"], "unknown-subcommand", "'inspect'"),
    (["prof", "add.tir"], "unknown-subcommand", "'profile'"), (["Verify"], "unknown-subcommand", "'verify'"),
    (["add.tir"], "unknown-subcommand", "tensorc compile add.tir"), (["xyzzy"], "unknown-subcommand", "doctor"),
    (["--verison"], "unknown-option", "'--version'"),
    (["compile", "add.tir", "-o", "data"], "output-name", "data/add"),
    (["compile", "add.tir", "-o", "."], "output-name", "directory"),
    (["compile", "add.tir", "-o", "x", "--emti", "c"], "unknown-option", "'--emit'"),
    (
      ["verify", "add.tir", "--dta", "data"], "unknown-option", "'verify' has no option '--dta': did you mean '--data'"
    ),
    (["run", "add.tir", "--output=x"], "unknown-option", "'--outputs'"),
    (["compile", "--threds", "2", "add.tir"], "unknown-option", "'--threads'"),
    (["compile", "add.tir", "--xyzzy", "-o", "x"], "usage", "'--xyzzy'"),
    (["verify", "add.tir"], "usage", "--reference"),
    (["verify", "add.tir", "--data", "data", "--taps"], "usage", "--taps"),
  ])
  func `what is misspelt or missing is answered`(_ arguments: [String], _ id: String, _ word: String) throws {
    let place = try Workplace.withAddition()
    let outcome = try place.execute(Workplace.binary, arguments, [:])
    expect(outcome, fails: 2, id, word)
    #expect(place.names() == ["add.tir", "data"])
  }

  @Test func `without data inputs are made`() throws {
    let place = try Workplace.withAddition()
    let bench = try place.tensorc("bench", "add.tir", "--runs", "3", "--json")
    #expect(bench.status == 0 && bench.errors.contains("inputs are made: x f32[1, 2], y f32[1, 2]"), "\(bench)")
    let run = try place.tensorc("run", "add.tir", "--outputs", "r")
    #expect(run.status == 0 && place.names("r") == ["input_0.npy", "input_1.npy", "output_0.npy"], "\(run)")
    let tensors = try place.names("r").map {
      try NpyFile.read(place.url.appendingPathComponent("r/\($0)").path).elements(as: Float.self)
    }
    #expect(zip(tensors[0], tensors[1]).map { $0 + $1 } == tensors[2] && tensors[0] != tensors[1])
    #expect(tensors[0].allSatisfy { (-1...1).contains($0) })
    // The same again, and for a library, within the limits of its sizes.
    #expect(try place.tensorc("compile", "add.tir", "-o", "b.so", "--dim", "n=6..8", "-q").status == 0)
    let library = try place.tensorc("run", "b.so", "--outputs", "s")
    #expect(library.errors.contains("x f32[6, 2]"), "\(library)")
    let first = try NpyFile.read(place.url.appendingPathComponent("s/input_0.npy").path).elements(as: Float.self)
    #expect(Array(first.prefix(2)) == tensors[0])
  }

  @Test func `a profile has a row for each kernel, and a trace`() throws {
    let place = try Workplace.withAddition()
    try place.write(
      """
      func @net(%x: f32[n, 64], %w: f32[64, 64]) -> (%y: f32[n, 64]) {
        %a = matmul %x, %w {transposeLeft: false, transposeRight: false} : f32[n, 64]
        %y = softmax %a {axis: 1} : f32[n, 64]
        return %y
      }
      """, "net.tir")
    let outcome = try place.tensorc(
      "profile", "net.tir", "--dim", "n=64", "--runs", "5", "--trace", "t.json", "--threads", "2")
    #expect(outcome.status == 0, "\(outcome)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.filter { $0.contains(" matmul") }.count == 1, "\(outcome.output)")
    // 64 · 64 · 64 multiply-adds; three matrices of f32.
    #expect(
      lines.contains { $0.contains(" matmul") && $0.contains("262,144") && $0.contains("49.2 KB") }, "\(outcome.output)"
    )
    let data = try Data(contentsOf: place.url.appendingPathComponent("t.json"))
    let trace = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let events = try #require(trace["traceEvents"] as? [[String: Any]]).filter { $0["ph"] as? String == "X" }
    let kernels = events.filter { $0["cat"] as? String == "kernel" && $0["tid"] as? Int == 0 }
    // One packs the right operand.
    #expect(kernels.count == 3 && kernels.allSatisfy { ($0["dur"] as? Double ?? -1) >= 0 }, "\(events)")
    let starts = kernels.compactMap { $0["ts"] as? Double }
    #expect(starts == starts.sorted())
    expect(try place.tensorc("profile", "b.so"), fails: 2, "usage", "library")
  }

  @Test func `a page has every stage in it`() throws {
    let place = try Workplace.withAddition()
    let outcome = try place.tensorc("graph", "add.tir", "-o", "pages/add.html", "--profile")
    #expect(outcome.status == 0, "\(outcome)")
    let page = try String(contentsOf: place.url.appendingPathComponent("pages/add.html"), encoding: .utf8)
    #expect(!page.contains("/*DATA*/") && !page.contains("src=") && !page.contains("href="))
    let start = try #require(page.firstRange(of: "const data = ")?.upperBound)
    let json = page[start...].prefix { $0 != "\n" }.dropLast()
    let data = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let stages = try #require(data["stages"] as? [[String: Any]])
    #expect(stages.first?["name"] as? String == "import" && stages.last?["name"] as? String == "kernels")
    let nodes = try #require(stages.last?["nodes"] as? [[String: Any]])
    #expect(nodes.filter { $0["kind"] as? String == "kernel" && $0["microseconds"] is NSNumber }.count == 1, "\(nodes)")
    let one = try place.tensorc("graph", "add.tir", "-o", "one.html", "--stage", "import")
    #expect(one.output.contains("(nodes: import 4)"), "\(one)")
  }
}
