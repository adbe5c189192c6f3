import Foundation
import SwiftProtobuf
import TensorData
import TensorIR
import TensorOps
import TestSamples
import Testing

@testable import TensorONNX

/// Every node of the fixtures, its floats made f16 or bf16: what it records rounds nothing on the way to its outputs.
@Suite struct PrecisionTests {
  /// Themes whose nodes are of integers or lists alone, or hold graphs whose nodes round as all do.
  private static let themes = [
    "arithmetic", "activations", "activations20", "shapes", "slices", "reductions11", "reductions18",
    "normalisation11", "normalisation17", "contractions", "windows", "recurrent", "indexing", "old", "losses",
    "statistics", "groups", "quantised", "signals", "equations", "training", "old8", "old11", "spectra",
    "fused", "contrib_attention", "contrib_rotary", "attention", "rotary", "newer", "newest", "sampling16",
  ]

  @Test(arguments: themes, Precision.types) func nodesRoundOnlyTheirOutputs(_ theme: String, _ type: ElementType) throws
  {
    let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let bytes = try Data(contentsOf: directory.appendingPathComponent("Fixtures/onnx/\(theme).onnx"))
    let whole = try Onnx_ModelProto(serializedBytes: bytes)
    var count = 0
    for node in whole.graph.node {
      let model = try model(of: node, in: whole, type)
      // Some operators take f32 alone, or a mixture that this one is not.
      guard
        let function = try? Importer(
          OnnxModel(bytes: model.serializedData(partial: true), name: "test.onnx")
        ).function()
      else { continue }
      count += 1
      let fault = Precision.roundedMiddle(function)
      #expect(fault == nil, "\(node.opType) '\(node.name)'")
    }
    // Where nodes feed each other only the first ones have inputs of known types.
    #expect(count > 0 && Double(count) >= 0.3 * Double(whole.graph.node.count), "\(count) of \(whole.graph.node.count)")
  }

  /// A model of one node, with those of the whole's inputs and initialisers that it reads.
  private func model(of node: Onnx_NodeProto, in whole: Onnx_ModelProto, _ type: ElementType) throws -> Onnx_ModelProto
  {
    let code: Onnx_TensorProto.DataType = type == .f16 ? .float16 : .bfloat16
    var model = whole
    model.graph.node = [node]
    model.graph.input = whole.graph.input.filter { node.input.contains($0.name) }.map { input in
      var input = input
      if input.type.tensorType.elemType == .float { input.type.tensorType.elemType = code }
      return input
    }
    model.graph.initializer = try whole.graph.initializer.filter { node.input.contains($0.name) }.map {
      try converted($0, type, code)
    }
    model.graph.output = node.output.filter { !$0.isEmpty }.map { name in
      var info = Onnx_ValueInfoProto()
      info.name = name
      return info
    }
    model.graph.valueInfo = []
    return model
  }

  private func converted(
    _ tensor: Onnx_TensorProto, _ type: ElementType, _ code: Onnx_TensorProto.DataType
  ) throws -> Onnx_TensorProto {
    guard tensor.dataType == .float else { return tensor }
    let count = tensor.dims.reduce(1, *)
    let floats =
      tensor.floatData.isEmpty
      ? tensor.rawData.withUnsafeBytes { bytes in
        (0..<Int(count)).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
      } : tensor.floatData
    var result = tensor
    result.floatData = []
    result.dataType = code
    result.rawData = ReferenceTensor(type, [Int(count)], floats: floats.map { Double($0) }).literal.bytes
    return result
  }
}
