import Foundation
import TensorData
import Testing

/// Mistakes end with the right code, a message that helps, and nothing half-written.
@Suite struct MistakeTests {
  @Test(arguments: [
    ["nonsense"], ["compile"], ["compile", "add.tir"], ["compile", "add.tir", "-o", "x", "--emit", "exe"],
    ["compile", "add.tir", "-o", "x", "--target", "pdp11"], ["compile", "add.tir", "-o", "x", "--dim", "n"],
    ["compile", "add.tir", "-o", "x.so", "--emit", "c"], ["compile", "data", "-o", "x"],
    ["verify", "add.so", "--data", "data", "--static"],
    ["verify", "add.tir", "--data", "data", "--rtol", "x"],
    ["opt", "add.tir", "--passes", "magic"], ["bench", "add.tir", "--data", "data", "--runs", "0"],
    ["compile", "add.tir", "-o", "x", "--quiet", "--verbose"],
  ])
  func `usage errors exit with 2`(_ arguments: [String]) throws {
    let place = try Workplace.withAddition()
    let outcome = try place.execute(Workplace.binary, arguments, [:])
    #expect(outcome.status == 2, "\(outcome)")
    #expect(outcome.errors.hasPrefix("tensorc: error: "), "\(outcome)")
    #expect(outcome.output.isEmpty)
    #expect(place.names() == ["add.tir", "data"])
  }

  @Test func `errors in a text name their line`() throws {
    let place = try Workplace.withAddition()
    try place.write("func @f(%x: f32[2]) -> f32[2] {\n  %y = ad %x, %x : f32[2]\n  return %y\n}\n", "f.tir")
    let outcome = try place.tensorc("compile", "f.tir", "-o", "f.so")
    expect(outcome, fails: 1, "unknown-op", "f.tir:2:", "did you mean 'add'")
    expect(try place.tensorc("compile", "no.tir", "-o", "f.so"), fails: 1, "file", "no.tir")
    expect(try place.tensorc("verify", "no.so", "--data", "data"), fails: 1, "library-not-found")
    #expect(place.names() == ["add.tir", "data", "f.tir"])
  }

  @Test func `a comparison that fails says where`() throws {
    let place = try Workplace.withAddition()
    try place.data("bad", inputs: [[1, 2], [3, 4]], outputs: [[4, 6.1]], shape: [1, 2])
    let outcome = try place.tensorc("verify", "add.tir", "--data", "bad", "--json")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("FAILED: 1 of 2 elements") && outcome.output.contains("worst at [0, 1]"))
    #expect(outcome.output.contains("\"passed\":false"))
    #expect(try place.tensorc("verify", "add.tir", "--data", "bad", "--rtol", "0.1").status == 0)
    try place.data("shape", inputs: [[1, 2], [3, 4]], shape: [1, 2])
    let wide = try HostTensor(type: .f32, shape: [2], elements: [4, 6] as [Float])
    try DataDirectory.write([wide], as: "output", in: place.url.appendingPathComponent("shape").path)
    let shape = try place.tensorc("verify", "add.tir", "--data", "shape")
    #expect(shape.status == 1 && shape.output.contains("the shape is f32[1, 2], expected f32[2]"), "\(shape)")
  }

  @Test func `inputs that do not fit are named`() throws {
    let place = try Workplace.withAddition()
    #expect(try place.tensorc("compile", "add.tir", "-o", "add.so", "-q").status == 0)
    try place.data("one", inputs: [[1, 2]], outputs: [[1, 2]], shape: [1, 2])
    try place.data("wide", inputs: [[1, 2, 3], [1, 2, 3]], outputs: [[1, 2, 3]], shape: [1, 3])
    try FileManager.default.createDirectory(
      at: place.url.appendingPathComponent("type"), withIntermediateDirectories: true)
    let doubles = try HostTensor(type: .f64, shape: [1, 2], elements: [1, 2] as [Double])
    let type = place.url.appendingPathComponent("type").path
    try DataDirectory.write([doubles, doubles], as: "input", in: type)
    for subject in ["add.so", "add.tir"] {
      expect(
        try place.tensorc("run", subject, "--inputs", "one", "--outputs", "r"), fails: 1, "input-count",
        "input_1 ('y') is missing")
      expect(
        try place.tensorc("run", subject, "--inputs", "wide", "--outputs", "r"), fails: 1, "shape",
        "input_0.npy")
      expect(
        try place.tensorc("run", subject, "--inputs", "type", "--outputs", "r"), fails: 1, "element-type",
        "input_0.npy")
    }
    expect(
      try place.tensorc("run", "add.tir", "--inputs", "none", "--outputs", "r"), fails: 1, "data-unreadable",
      "none")
    #expect(!place.exists("r"))
  }

  @Test func `a dimension that the model does not have is told`() throws {
    let place = try Workplace.withAddition()
    expect(
      try place.tensorc("compile", "add.tir", "-o", "x", "--dim", "m=1"), fails: 1, "unknown-dimension", "'n'"
    )
    expect(
      try place.tensorc("compile", "add.tir", "-o", "x", "--const", "z=data/input_0.npy"), fails: 1,
      "unknown-input", "'x', 'y'")
    #expect(place.names() == ["add.tir", "data"])
  }

  @Test func `without a compiler it exits with 3`() throws {
    let place = try Workplace.withAddition()
    let empty = ["PATH": place.url.path, "XDG_CACHE_HOME": place.url.appendingPathComponent("cache").path]
    for arguments in [
      ["compile", "add.tir", "-o", "x.so"], ["verify", "add.tir", "--data", "data"], ["doctor"],
      ["run", "add.tir", "--inputs", "data", "--outputs", "r"],
    ] {
      expect(try place.execute(Workplace.binary, arguments, empty), fails: 3, "toolchain-missing")
    }
    #expect(!place.exists("x.so") && !place.exists("r"))
    let evaluated = ["run", "add.tir", "--inputs", "data", "--outputs", "r", "--evaluate"]
    #expect(try place.execute(Workplace.binary, evaluated, empty).status == 0)
    #expect(try place.execute(Workplace.binary, ["compile", "add.tir", "-o", "x.c"], empty).status == 0)
  }

  @Test func `an output under a regular file is refused`() throws {
    let place = try Workplace.withAddition()
    for name in ["add.tir/x.so", "add.tir/deeper/x", "data/input_0.npy/x.c"] {
      expect(try place.tensorc("compile", "add.tir", "-o", name), fails: 1, "output-unwritable")
    }
    expect(
      try place.tensorc("run", "add.tir", "--inputs", "data", "--outputs", "add.tir/r"), fails: 1,
      "data-unwritable")
    try FileManager.default.createDirectory(
      at: place.url.appendingPathComponent("d.so"), withIntermediateDirectories: true)
    expect(try place.tensorc("compile", "add.tir", "-o", "d.so"), fails: 1, "output-unwritable", "directory")
    #expect(place.names() == ["add.tir", "d.so", "data"])
  }

  @Test func `a full disk leaves nothing behind`() throws {
    let place = try Workplace.withAddition()
    // The toolchain is asked with room to write, and the library is in no cache.
    #expect(try place.tensorc("doctor").status == 0)
    let number = UInt64.random(in: .min ... .max)
    let text = try String(contentsOf: place.url.appendingPathComponent("add.tir"), encoding: .utf8)
    try place.write(text.replacingOccurrences(of: "@add", with: "@add_\(number)"), "add.tir")
    for name in ["x.c", "x.so", "x.a"] {
      // Files may not grow beyond a few KB, which fails where a full disk does.
      let outcome = try place.shell("ulimit -f 4; exec \"$TENSORC\" compile add.tir -o \(name)")
      // A library is made among the temporary files first.
      if name == "x.c" {
        expect(outcome, fails: 1, "output-unwritable")
      } else {
        expect(outcome, fails: 1, "temporary-unwritable", "TMPDIR")
      }
      #expect(place.names() == ["add.tir", "data"], "\(name)")
    }
    if FileManager.default.fileExists(atPath: "/dev/full") {
      let outcome = try place.shell("exec \"$TENSORC\" ops > /dev/full")
      expect(outcome, fails: 1, "output-unwritable")
    }
  }
}
