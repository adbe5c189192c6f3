import Foundation
import TensorData
import TensorIR
import TensorOps
import Testing

@testable import TensorONNX

/// The nodes of the fixtures, imported and evaluated, against what onnxruntime computed.
@Suite struct ImporterNodeTests {
  @Test(arguments: [
    "arithmetic", "activations", "activations20", "logic", "shapes", "slices", "sizes", "reductions11", "reductions18",
    "normalisation11", "normalisation17", "contractions", "windows", "recurrent", "indexing", "branches", "old",
    "losses", "statistics", "groups", "quantised", "signals", "equations", "loops", "control", "lists", "functions",
    "training", "old8", "old11", "spectra", "nibbles", "old6", "old1", "resizing", "resizing_integers", "same",
    "reductions_integers13", "reductions_integers18", "found", "parts", "growing",
    "chosen", "ranks", "decoding", "stacks",
    "reductions_integers13", "reductions_integers18", "fused", "contrib_attention", "contrib_rotary",
    "contrib_quantised", "contrib_recurrent", "recurrent_loops", "learning", "attention", "rotary", "newer",
    "newest", "sampling16", "stored", "byte_products", "texts", "blocks",
  ]) func agreesWithRuntime(_ theme: String) throws {
    let model = try Importer(OnnxModel(contentsOf: try fixture(theme))).imported()
    let function = model.function
    let data = try OnnxModel(contentsOf: try fixture("\(theme).data")).initializers()
    let known = Dictionary(
      uniqueKeysWithValues: try data.map { ($0.name, try reference($0, labels: model.labels[$0.name])) })
    let inputs = try function.body.parameters.map { try #require(known[function[$0].name]) }
    let results = try Evaluator.run(function, inputs)
    #expect(function.resultNames.count == results.count)
    for (name, result) in zip(function.resultNames, results) {
      let expected = try #require(known[name])
      #expect(result.elementType == expected.elementType, "\(name)")
      #expect(result.shape == expected.shape, "\(name)")
      guard result.shape == expected.shape else { continue }
      for position in 0..<result.count {
        let (a, b) = (result.number(position), expected.number(position))
        let isNear = a == b || a.isNaN && b.isNaN || abs(a - b) <= 1e-5 + 1e-4 * abs(b)
        // Whole numbers of 64 bits may differ by what a Double does not hold.
        let isExact = result.elementType != .i64 || result.integers[position] == expected.integers[position]
        #expect(isNear && isExact, "\(name)[\(position)] is \(a) and should be \(b)")
      }
    }
  }

  /// Of the 22 products of that model two have blocks that the op does not take.
  @Test func weightsOfFewBitsStayCodes() throws {
    let function = try Importer(OnnxModel(contentsOf: try fixture("blocks"))).imported().function
    #expect(function.body.operations.filter { $0.op is MatmulNBits }.count == 20)
  }

  private func fixture(_ name: String) throws -> String {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return directory.appendingPathComponent("Fixtures/onnx/\(name).onnx").path
  }

  /// Text as its places among the labels, which are to be all different.
  private func reference(_ tensor: OnnxTensor, labels: [String]?) throws -> ReferenceTensor {
    guard case .strings(let texts, let shape) = tensor.value else { return try reference(tensor.numbers()) }
    let labels = try #require(labels, "\(tensor.name)")
    #expect(Set(labels).count == labels.count)
    let places = try texts.map { Int64(try #require(labels.firstIndex(of: $0), "\(tensor.name): \($0)")) }
    return try reference(HostTensor(type: .i64, shape: shape, elements: places))
  }

  private func reference(_ tensor: HostTensor) throws -> ReferenceTensor {
    let type = try #require(ElementType(rawValue: tensor.type.rawValue))
    return ReferenceTensor(try #require(TensorLiteral(type, shape: tensor.shape, bytes: tensor.bytes)))
  }
}
