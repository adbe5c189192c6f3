import Foundation
import TensorData
import Testing

/// What the command does when all is well.
@Suite struct CommandTests {
  @Test func `without arguments it says how to begin`() throws {
    let outcome = try Workplace().tensorc()
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count == 5)
    #expect(outcome.output.contains("tensorc compile model.onnx -o build/model"))
  }

  @Test(arguments: [
    "compile", "run", "verify", "bench", "opt", "check", "inspect", "profile", "graph", "ops", "doctor",
  ])
  func `help ends with an example`(_ name: String) throws {
    let outcome = try Workplace().tensorc(name, "--help")
    #expect(outcome.status == 0)
    let last = outcome.output.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("  tensorc \(name)"), "\(outcome.output)")
  }

  @Test func `versions are those of emitted files`() throws {
    let place = try Workplace.withAddition()
    let version = try place.tensorc("--version").output
    #expect(try place.tensorc("compile", "add.tir", "-o", "a.c").status == 0)
    let words = version.split(separator: " ")
    try #require(words.count > 2)
    let text = try String(contentsOf: place.url.appendingPathComponent("a.c"), encoding: .utf8)
    #expect(text.contains("tensorc \(words[1]) "))
  }

  @Test func `every kind is written under the name that was asked for`() throws {
    let place = try Workplace.withAddition()
    let outcome = try place.tensorc("compile", "add.tir", "-o", "new/dir/my-add", "--emit", "so,c,a,ir")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(place.names("new/dir") == ["my-add.a", "my-add.c", "my-add.h", "my-add.so", "my-add.tir"])
    #expect(outcome.output.contains("my_add_run"))
    // What is linked needs a header, whatever its kind.
    for kind in ["so", "a", "c"] {
      #expect(try place.tensorc("compile", "add.tir", "-o", "\(kind)/x.\(kind)").status == 0)
      #expect(place.names(kind) == ["x.\(kind)", "x.h"].sorted())
    }
    #expect(outcome.output.contains("next     tensorc verify new/dir/my-add.so"))
    #expect(outcome.errors.isEmpty)
    #expect(try place.tensorc("verify", "new/dir/my-add.so", "--data", "data").status == 0)
    #expect(try place.tensorc("verify", "new/dir/my-add.tir", "--data", "data").status == 0)
    let compiled = try place.shell("cd new/dir && cc -std=gnu11 -march=native -c my-add.c -o x.o")
    #expect(compiled.status == 0, "\(compiled)")
  }

  @Test func `the ending chooses the kind and quiet says nothing`() throws {
    let place = try Workplace.withAddition()
    for name in ["a.so", "b.dylib", "c.a", "d.c", "e"] {
      let outcome = try place.tensorc("compile", "add.tir", "-o", name, "--quiet", "--threads", "none")
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
    }
    for name in ["a.so", "b.dylib", "c.a", "c.h", "d.c", "d.h", "e.so"] {
      #expect(place.exists(name), "\(name)")
    }
  }

  @Test func `run writes outputs, compiled and evaluated`() throws {
    let place = try Workplace.withAddition()
    for flags in [[], ["--evaluate"], ["--static"], ["--threads", "1"]] {
      let outcome = try place.execute(
        Workplace.binary, ["run", "add.tir", "--inputs", "data", "--outputs", "new/results"] + flags, [:])
      #expect(outcome.status == 0, "\(outcome)")
      let tensor = try NpyFile.read(place.url.appendingPathComponent("new/results/output_0.npy").path)
      #expect(try tensor.shape == [2, 2] && tensor.elements(as: Float.self)[..<3] == [11, 22, 33])
    }
  }

  @Test func `bench ends with a line of JSON`() throws {
    let place = try Workplace.withAddition()
    let outcome = try place.tensorc("bench", "add.tir", "--data", "data", "--runs", "20", "--json")
    #expect(outcome.status == 0, "\(outcome)")
    let line = try #require(outcome.output.split(separator: "\n").last)
    let found = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    for key in [
      "median_ms", "min_ms", "load_ms", "compile_ms", "runs", "threads", "workspace_bytes", "code_bytes",
    ] { #expect(found[key] is NSNumber, "\(key)") }
    #expect(found["runs"] as? Int == 20)
  }

  @Test func `dimensions are fixed and inputs are bound`() throws {
    let place = try Workplace.withAddition()
    let constant = "y=data/input_1.npy"
    let outcome = try place.tensorc("inspect", "add.tir", "--const", constant)
    #expect(outcome.output.contains("x: f32[2, 2]") && !outcome.output.contains("input 1"), "\(outcome)")
    #expect(try place.tensorc("inspect", "add.tir", "--dim", "n=7").output.contains("f32[7, 2]"))
    #expect(try place.tensorc("inspect", "add.tir", "--dim", "n=1..8").output.contains("n (1..8)"))
    let verified = try place.tensorc("verify", "add.tir", "--data", "data", "--const", constant)
    #expect(verified.status == 0, "\(verified)")
    #expect(verified.errors.contains("input 'y' is a constant"))
  }

  @Test func `stages are printed, stopped at, resumed from and dumped`() throws {
    let place = try Workplace.withAddition()
    #expect(try place.tensorc("opt", "add.tir", "--passes", "simplify,fuse").output.contains("func @add"))
    #expect(try place.tensorc("opt", "add.tir", "--stop-after", "plan").output.contains("kernel "))
    #expect(try place.tensorc("compile", "add.tir", "-o", "s", "--stop-after", "simplify").status == 0)
    let resumed = try place.tensorc(
      "compile", "s.tir", "-o", "s.so", "--start-from", "decompose", "--dump-dir", "dump")
    #expect(resumed.status == 0, "\(resumed)")
    #expect(place.names("dump").contains("04-layout.tir"), "\(place.names("dump"))")
    #expect(["06-lower.tir", "07-partition.tir", "08-plan.tir"].allSatisfy(place.names("dump").contains))
  }

  @Test func `programs of kernels are printed at three stages and taken back`() throws {
    let place = try Workplace.withAddition()
    let texts = try ["lower", "partition", "plan"].map { stage in
      #expect(try place.tensorc("compile", "add.tir", "-o", stage, "--stop-after", stage).status == 0)
      return try place.tensorc("opt", "add.tir", "--stop-after", stage).output
    }
    #expect(Set(texts).count == 3)
    for stage in ["lower", "partition", "plan"] {
      #expect(try place.tensorc("opt", "\(stage).tir").output == texts[2])
    }
    let early = try place.tensorc("opt", "lower.tir", "--start-from", "plan")
    #expect(early.status == 1 && early.errors.contains("[start-stage]"), "\(early)")
    let function = try place.tensorc("opt", "add.tir", "--start-from", "plan", "--stop-after", "plan")
    #expect(function.status == 1 && function.errors.contains("[start-stage]"), "\(function)")
  }

  @Test func `doctor and ops answer`() throws {
    let place = try Workplace()
    let doctor = try place.tensorc("doctor")
    #expect(doctor.status == 0 && doctor.output.contains("compiler"), "\(doctor)")
    #expect(try place.tensorc("ops", "--markdown").output.contains("| `add` |"))
  }

  @Test func `the page of ops is what the command writes`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/ops.md")
    let written = try Workplace().tensorc("ops", "--markdown").output
    #expect(try written == String(contentsOf: page, encoding: .utf8), "run `make docs`")
  }

  @Test func `several data sets below a directory are all compared`() throws {
    let place = try Workplace.withAddition()
    try place.data("all/test_data_set_0", inputs: [[1, 2], [3, 4]], outputs: [[4, 6]], shape: [1, 2])
    try place.data("all/test_data_set_1", inputs: [[1, 2], [3, 4]], outputs: [[4, 7]], shape: [1, 2])
    let outcome = try place.tensorc("verify", "add.tir", "--data", "all")
    #expect(
      outcome.status == 1 && outcome.output.contains("worst at [0, 1]: 6.0, expected 7.0"), "\(outcome)")
  }
}
