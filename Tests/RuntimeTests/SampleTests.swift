import Foundation
import TensorCodegenC
import TestSupport
import Testing

/// Runs the programs under samples on a library written by hand, each as its README says.
@Suite struct SampleTests {
  /// What `numpy.save` writes for the f32 vector 0, 1, 2.
  private static func numpyFile(type: String = "<f4") -> Data {
    let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (3,), }"
    // The elements begin at a multiple of 64.
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8))
    for element in [0, 1, 2] as [Float] { withUnsafeBytes(of: element) { data.append(contentsOf: $0) } }
    return data
  }

  private static func run(_ sample: String, environment: [String] = []) throws {
    let library = try URL(fileURLWithPath: FixtureLibrary.compile("affine"))
    let directory = library.deletingLastPathComponent()
    let header = directory.appendingPathComponent("affine.h")
    try ABIHeader.library(named: "affine").write(to: header, atomically: true, encoding: .utf8)
    let (good, bad) = (directory.appendingPathComponent("x.npy"), directory.appendingPathComponent("bad.npy"))
    try numpyFile().write(to: good)
    try numpyFile(type: "<i4").write(to: bad)

    let script = FixtureLibrary.root.appendingPathComponent("samples/\(sample)/run.sh").path
    let command = ["env"] + environment + [script, directory.appendingPathComponent("affine").path]
    for (argument, words) in [("n=4", ["3", "3", "3", "3"]), (good.path, ["1", "3", "5"])] {
      let result = try execute(command + [argument])
      #expect(result.status == 0, "\(result.output)")
      let line = result.output.split(separator: "\n").last { $0.hasPrefix("y: ") } ?? ""
      // C prints whole numbers as 3, Swift and Python as 3.0.
      let elements = line.split(separator: "]").last?.replacingOccurrences(of: ".0", with: "").split(separator: " ")
      #expect(elements?.map(String.init) == words, "\(result.output)")
    }
    let refused = try execute(command + [bad.path])
    #expect(refused.status == 1 && refused.output.contains("x"), "\(refused.output)")
  }

  @Test func cProgram() throws { try Self.run("c") }

  @Test func cppProgram() throws { try Self.run("cpp") }

  @Test func pythonScript() throws {
    // The project's own environment has numpy; otherwise the machine's Python must.
    let python = FixtureLibrary.root.appendingPathComponent(".venv/bin/python").path
    let isThere = FileManager.default.isExecutableFile(atPath: python)
    try Self.run("python", environment: isThere ? ["PYTHON=\(python)"] : [])
  }

  @Test func swiftPackage() throws {
    try Self.run("swift-package", environment: ["BUILD=\(FixtureLibrary.root.path)/.build/samples"])
  }
}
