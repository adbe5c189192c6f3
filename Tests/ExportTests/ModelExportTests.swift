import Foundation
import TensorExport
import TensorLayers
import TensorONNX
import Testing

@Suite struct ModelExportTests {
  struct Network: Module {
    var first = Linear(6, 5)
    var norm = LayerNorm(5)
    var second = Linear(5, 3)
    func callAsFunction(_ x: Tensor) -> Tensor { second(norm(first(x)).gelu()) }
  }

  private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("export-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appendingPathComponent("model.onnx").path)
  }

  /// Read back, the model has the names that it was given and computes what the network does, its weights in it or beside it.
  @Test(arguments: [1 << 30, 0]) func aNetworkIsWrittenWithItsNames(externalDataLimit: Int) throws {
    try withFile { path in
      let network = withRandomNumbers(seed: 3) { Network() }
      let options = OnnxExportOptions(externalDataLimit: externalDataLimit)
      try exportONNX(network, TensorType.f32("n", 6), to: path, inputs: ["pictures"], options: options) { network, x in
        ["logits": network(x)]
      }
      let function = try Importer(OnnxModel(contentsOf: path)).function()
      #expect(function.body.parameters.map { function[$0].name } == ["pictures"])
      #expect(function.parameterTypes.map(\.description) == ["f32[n, 6]"])
      #expect(function.resultNames == ["logits"])
      let numbers = (0..<12).map { Double($0) / 7 - 1 }
      let found = try Evaluator.run(function, [ReferenceTensor(.f32, [2, 6], floats: numbers)])[0].floats
      let expected = try network(Tensor(of: numbers.map { Float($0) }, shape: [2, 6])).array(of: Float.self)
      #expect(found.count == 6)
      for (a, b) in zip(found, expected) { #expect(abs(a - Double(b)) < 1e-5) }
    }
  }

  @Test func whatONNXLacksIsToldWithItsPlace() throws {
    try withFile { path in
      let line = #line + 1
      let function = try trace(TensorType.f32("n")) { x in x.exp().bitCast(to: .i32) }
      let error = #expect(throws: Diagnostic.self) { try function.exportONNX(to: path) }
      #expect(error?.id == "onnx-export")
      #expect(error?.message.contains("'bit_cast'") == true)
      _ = line
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func aPathWithAnotherEndingIsRefused() throws {
    let function = try trace(TensorType.f32("n")) { $0.relu() }
    let error = #expect(throws: Diagnostic.self) { try function.exportONNX(to: "model.pb") }
    #expect(error?.id == "output-kind")
  }
}
