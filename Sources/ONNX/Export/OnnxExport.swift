import Foundation
import SwiftProtobuf
import TensorData
import TensorIR
import TensorOps

/// How a function is written as an ONNX model.
public struct OnnxExportOptions: Sendable {
  /// Values for parameters of the function: they become initializers under the parameters' names and are no inputs.
  public var parameters: [String: TensorLiteral]
  /// From how many bytes of weights on they stand in a file of their own, `NAME.onnx.data`, beside the model. A message of
  /// protobuf ends at 2 GiB.
  public var externalDataLimit: Int
  /// What the model says of the program that wrote it.
  public var producerVersion: String

  public init(
    parameters: [String: TensorLiteral] = [:], externalDataLimit: Int = 1 << 30, producerVersion: String = ""
  ) {
    (self.parameters, self.externalDataLimit) = (parameters, externalDataLimit)
    self.producerVersion = producerVersion
  }
}

/// A function of the tensor IR as an ONNX model: ONNX's own operators of opset 21, which onnxruntime 1.18 and later run.
///
/// Constants become initializers and symbols named dimensions. Ops that ONNX lacks are written as several nodes; what
/// cannot be written is an error that names the op and its place. What a function checks while it runs (guards) is left to
/// the operators' own checks.
public struct OnnxExport {
  /// The version of ONNX's operators that is written.
  public static let opset = 21
  /// The version of the file format.
  static let formatVersion: Int64 = 10

  let graph: Onnx_GraphProto
  private let options: OnnxExportOptions

  /// - Throws: a `Diagnostic` for each operation that cannot be written (`onnx-export`), as one error.
  public init(_ function: Function, options: OnnxExportOptions = OnnxExportOptions()) throws {
    self.options = options
    let bound = try function.binding(options.parameters)
    graph = try GraphWriter.graph(of: try ExportForms.run(bound.function), initializers: bound.initializers)
  }

  /// Writes the model, and its weights beside it where they are large. Each file appears whole or not at all; the weights
  /// come first.
  /// - Throws: `TensorDataError` where a file cannot be written; a `Diagnostic` where the path does not end in `.onnx`.
  public func write(to path: String) throws {
    try OnnxExport.write(message, to: path, externalDataLimit: options.externalDataLimit)
  }

  /// Writes a model, and its weights beside it where they are large.
  static func write(_ message: Onnx_ModelProto, to path: String, externalDataLimit: Int) throws {
    let url = URL(fileURLWithPath: path)
    guard url.pathExtension.lowercased() == "onnx" else {
      throw Diagnostic("output-kind", "'\(path)' does not end in .onnx, as ONNX models do")
    }
    var model = message
    let size = model.graph.initializer.reduce(0) { $0 + $1.rawData.count }
    if size > externalDataLimit {
      let name = url.lastPathComponent + ".data"
      var parts: [Data] = []
      ExternalWeights.move(&model.graph.initializer, to: name, &parts)
      try FileAccess.write(parts, to: url.deletingLastPathComponent().appendingPathComponent(name).path)
    }
    try FileAccess.write([try bytes(of: model)], to: path)
  }

  /// The model with all weights in it.
  /// - Throws: a `Diagnostic` where that is more than the 2 GiB of a protobuf message.
  public func encoded() throws -> Data { try OnnxExport.bytes(of: message) }

  private static func bytes(of model: Onnx_ModelProto) throws -> Data {
    do { return try model.serializedBytes() } catch {
      throw Diagnostic(
        "onnx-export", "the model is too large for one file: lower the limit from which weights stand apart")
    }
  }

  private var message: Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = OnnxExport.formatVersion
    model.producerName = "tensorc"
    model.producerVersion = options.producerVersion
    var opset = Onnx_OperatorSetIdProto()
    opset.version = Int64(OnnxExport.opset)
    model.opsetImport = [opset]
    model.graph = graph
    return model
  }
}

extension Function {
  /// Writes this function as an ONNX model; see ``OnnxExport``.
  /// - Throws: `onnx-export` for what ONNX cannot say, with its place; `TensorDataError` where a file cannot be written.
  public func exportONNX(to path: String, options: OnnxExportOptions = OnnxExportOptions()) throws {
    try OnnxExport(self, options: options).write(to: path)
  }

  /// The function without the parameters that values are given for, and those values by what stands for them.
  fileprivate func binding(
    _ values: [String: TensorLiteral]
  ) throws -> (function: Function, initializers: [String: TensorLiteral]) {
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let parameter = body.parameters.first(where: { self[$0].name == name }) else {
        throw Diagnostic("onnx-export", "'\(self.name)' has no parameter '\(name)' to be given a value")
      }
      let type = self.type(of: parameter)
      guard type.plain == value.type else {
        throw Diagnostic("onnx-export", "the parameter '\(name)' is \(type), and the value given for it \(value.type)")
      }
    }
    return (self, values)
  }
}

/// Weights in a file beside the model.
enum ExternalWeights {
  /// What is smaller stays in the model: sizes and axes, which readers want at once.
  private static let least = 1024
  /// Where each begins, so that a mapping of the file can be read as numbers.
  private static let alignment = 4096

  static func move(_ tensors: inout [Onnx_TensorProto], to name: String, _ parts: inout [Data]) {
    var offset = 0
    for index in tensors.indices where tensors[index].rawData.count >= least {
      let bytes = tensors[index].rawData
      let margin = (alignment - offset % alignment) % alignment
      parts += [Data(count: margin), bytes]
      offset += margin
      tensors[index].clearRawData()
      tensors[index].dataLocation = .external
      tensors[index].externalData = [("location", name), ("offset", "\(offset)"), ("length", "\(bytes.count)")].map {
        var entry = Onnx_StringStringEntryProto()
        (entry.key, entry.value) = ($0.0, $0.1)
        return entry
      }
      offset += bytes.count
    }
  }
}
