import Foundation
import SwiftProtobuf
import TensorData

/// How a model's weights, and perhaps what they are multiplied with, are quantised.
public enum QuantizationScheme: Sendable, Equatable {
  /// Weights as i8 with a scale for each output channel, what they are multiplied with as u8 with one scale and zero point, by
  /// `QuantizeLinear` and `DequantizeLinear` around `MatMul`, `Gemm` and `Conv`.
  case int8
  /// Weights of matrix products as 4 bits in blocks with a scale each, as onnxruntime's `MatMulNBits`; nothing else changes.
  case int4Weights(block: Int)
}

/// Writes an ONNX model anew with quantised weights.
public struct OnnxQuantizer {
  let model: OnnxModel
  let scheme: QuantizationScheme
  /// The nodes that are quantised, by their places in the graph.
  let targets: [QuantizationTarget]
  /// The nodes with such operators that are not, with the reasons.
  public let skipped: [(node: String, reason: String)]

  /// - Parameter excluded: names of nodes that stay as they are.
  /// - Throws: `OnnxError` about the model: `onnx-opset-version` below 13, where scales for each channel begin; `onnx-quantize`
  ///   where a name of `excluded` is no node's, or nothing is left to be quantised.
  public init(_ model: OnnxModel, scheme: QuantizationScheme, excluded: Set<String> = []) throws {
    (self.model, self.scheme) = (model, scheme)
    if scheme == .int8, let version = model.opsetVersion(), version < 13 {
      throw OnnxError(
        "onnx-opset-version",
        "scales for each channel need opset 13, and the model imports \(version): export it again for a newer one")
    }
    let names = Set(model.graph.node.map(\.name))
    if let unknown = excluded.first(where: { !names.contains($0) }) {
      throw OnnxError("onnx-quantize", "there is no node '\(unknown)' to be left out")
    }
    var (found, left): ([QuantizationTarget], [(String, String)]) = ([], [])
    let weights = Dictionary(
      model.graph.initializer.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (place, node) in model.graph.node.enumerated() {
      guard QuantizationTarget.kinds(scheme).contains(node.opType), OnnxModel.canonicalDomain(node.domain).isEmpty
      else {
        continue
      }
      if excluded.contains(node.name) { continue }
      do {
        found.append(try QuantizationTarget(node, at: place, scheme, weights, model))
      } catch let reason as QuantizationTarget.Reason {
        left.append((node.name.isEmpty ? "\(node.opType) \(place)" : node.name, reason.text))
      }
    }
    (targets, skipped) = (found, left)
    guard !found.isEmpty else {
      let reasons = left.prefix(3).map { "'\($0.0)' \($0.1)" }.joined(separator: "; ")
      throw OnnxError(
        "onnx-quantize", "there is nothing to quantise\(reasons.isEmpty ? "" : ": \(reasons)")")
    }
  }

  /// How many nodes are quantised.
  public var count: Int { targets.count }

  /// How many of them read one of some tensors.
  public func nodes(reading tensors: [String]) -> Int { targets.count { tensors.contains($0.input) } }

  /// The tensors whose ranges are wanted: what weights are multiplied with. None for weights alone.
  public var activations: [String] {
    if scheme != .int8 { return [] }
    var seen: Set<String> = []
    return targets.map(\.input).filter { seen.insert($0).inserted }
  }

  /// The quantised model.
  ///
  /// - Parameter ranges: the least and the greatest element of each of ``activations`` that was seen; those that are not there
  ///   leave their nodes as they are.
  /// - Throws: `OnnxError` where weights cannot be read.
  public func quantized(ranges: [String: ClosedRange<Double>]) throws -> QuantizedModel {
    var writer = QuantizedGraph(model.graph)
    for target in targets {
      switch scheme {
      case .int8:
        guard let range = ranges[target.input] else { continue }
        try writer.quantize(target, range: range, model)
      case .int4Weights(let block): try writer.shorten(target, block: block, model)
      }
    }
    var message = Onnx_ModelProto()
    message.irVersion = Int64(max(model.version, 8))
    message.producerName = "tensorc"
    message.functions = model.functions
    message.graph = writer.finish()
    message.opsetImport = model.opsets.map { opset($0.domain, $0.version) }
    if scheme != .int8, model.opsetVersion(domain: "com.microsoft") == nil {
      message.opsetImport.append(opset("com.microsoft", 1))
    }
    try message.graph.initializer = message.graph.initializer.map { tensor in
      // Data that stands beside the old file is taken along.
      tensor.dataLocation == .external ? try model.tensor(tensor).proto : tensor
    }
    return QuantizedModel(message: message)
  }

  private func opset(_ domain: String, _ version: Int) -> Onnx_OperatorSetIdProto {
    var entry = Onnx_OperatorSetIdProto()
    (entry.domain, entry.version) = (domain, Int64(version))
    return entry
  }
}

/// A model with quantised weights, ready to be written.
public struct QuantizedModel {
  let message: Onnx_ModelProto

  /// Writes the model, and weights of more than 1 GiB beside it. Each file appears whole or not at all.
  /// - Throws: `TensorDataError` where a file cannot be written.
  public func write(to path: String) throws { try OnnxExport.write(message, to: path, externalDataLimit: 1 << 30) }
}
