import Foundation
import SwiftProtobuf
import TensorData

/// An ONNX model as its file states it, checked as far as the file format goes and not yet converted.
///
/// A large tensor is held once: as the bytes of its field, or as a mapping of the file of external data it stands in.
public struct OnnxModel: Sendable {
  /// One entry of the model's `opset_import`.
  public struct Opset: Equatable, Sendable {
    /// Empty for ONNX's own operators, which the format also calls `ai.onnx`.
    public let domain: String
    public let version: Int
  }

  /// The IR versions of the file format that are read. Before 3 a graph did not say which operators it means.
  public static let supportedVersions = 3...14
  /// The newest version of ONNX's own operators that this importer knows to exist.
  public static let newestOpset = 28

  /// The model as the caller named it, with which its diagnostics begin.
  public let name: String
  /// The version of the file format.
  public let version: Int
  /// The operator sets the model imports, in the file's order, one per domain.
  public let opsets: [Opset]
  /// The program that wrote the model, with its version, or empty.
  public let producer: String
  /// What is amiss with the model and was put right, each a sentence for the user.
  public let warnings: [String]
  let graph: Onnx_GraphProto
  let functions: [Onnx_FunctionProto]
  let externalData: OnnxExternalData?

  /// Loads the model in the file at `path`; its external data is looked for beside it.
  ///
  /// The file is mapped while it is decoded, so the memory taken is about what its tensors need.
  /// - Throws: `OnnxError`, whatever the file holds, or `OnnxErrors` where several things are wrong.
  public init(contentsOf path: String) throws {
    let file: Data
    do {
      file = try FileAccess.map(path)
    } catch let error as TensorDataError {
      throw OnnxError(id: error.id, message: error.message, file: path)
    }
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try self.init(bytes: file, name: path, directory: directory)
  }

  /// Decodes a model that is in memory already.
  /// - Parameters:
  ///   - bytes: the contents of an `.onnx` file.
  ///   - name: what diagnostics call it.
  ///   - directory: where external data is looked for; without one, a model that has some is refused when it is read.
  /// - Throws: `OnnxError`, whatever the bytes are, or `OnnxErrors` where several things are wrong.
  public init(bytes: Data, name: String, directory: String? = nil) throws {
    do {
      let proto = try OnnxModel.decode(bytes)
      self.name = name
      version = try OnnxModel.checkedVersion(proto)
      opsets = try OnnxModel.checkedOpsets(proto.opsetImport)
      producer = [proto.producerName, proto.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
      (graph, functions, warnings) = try OnnxModel.sorted(proto)
      externalData = directory.map { OnnxExternalData(directory: $0) }
      try OnnxGraphCheck.check(graph)
    } catch let error as OnnxError {
      throw error.naming(file: name)
    } catch let errors as OnnxErrors {
      throw OnnxErrors(errors.list.map { $0.naming(file: name) })
    }
  }

  /// The version of the operators of `domain` that the model imports, or nil if it imports none.
  public func opsetVersion(domain: String = "") -> Int? {
    opsets.first { $0.domain == OnnxModel.canonicalDomain(domain) }?.version
  }

  /// ONNX's own domain has two spellings; this is the short one.
  static func canonicalDomain(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }
}

extension OnnxModel {
  /// A message inside another counts one; a subgraph costs three (attribute, graph, node).
  private static let maximumDepth = 100

  private static func decode(_ bytes: Data) throws -> Onnx_ModelProto {
    if let reason = OnnxFileKind.reasonToRefuse(bytes) { throw reason }
    try OnnxWireCheck.check(bytes)
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = maximumDepth
    options.discardUnknownFields = true
    let proto: Onnx_ModelProto
    do {
      proto = try Onnx_ModelProto(serializedBytes: bytes, extensions: nil, partial: true, options: options)
    } catch let error as BinaryDecodingError {
      throw OnnxFileKind.explain(error)
    } catch {
      throw OnnxError(id: "onnx-malformed", message: "the file is not a valid ONNX model: \(error)")
    }
    guard proto.hasGraph else {
      throw OnnxError(id: "onnx-no-graph", message: "the file holds no graph; it is probably not an ONNX model")
    }
    return proto
  }

  /// The graph and the functions with their nodes in order, and a warning where they were not.
  private static func sorted(
    _ proto: Onnx_ModelProto
  ) throws -> (graph: Onnx_GraphProto, functions: [Onnx_FunctionProto], warnings: [String]) {
    var (graph, functions) = (proto.graph, proto.functions)
    var warnings: [String] = []
    func note(_ moved: OnnxError.Node) {
      guard warnings.isEmpty else { return }
      warnings = [
        "its nodes were put in order, for node '\(moved.name)' (\(moved.operation)) stands before one it reads"
      ]
    }
    if let result = try OnnxNodeOrder.sorted(graph) {
      graph.node = result.nodes
      note(result.moved)
    }
    // A circle in a function matters where the function is called.
    for index in functions.indices {
      guard let result = try? OnnxNodeOrder.sorted(functions[index].node) else { continue }
      functions[index].node = result.nodes
      note(result.moved)
    }
    return (graph, functions, warnings)
  }

  private static func checkedVersion(_ proto: Onnx_ModelProto) throws -> Int {
    guard let version = Int(exactly: proto.irVersion), supportedVersions.contains(version) else {
      let range = "\(supportedVersions.lowerBound) to \(supportedVersions.upperBound)"
      throw OnnxError(
        id: "onnx-ir-version",
        message: "IR version \(proto.irVersion) is not supported, \(range) are; export the model again, "
          + "or set ir_version if it uses nothing newer")
    }
    return version
  }

  private static func checkedOpsets(_ imports: [Onnx_OperatorSetIdProto]) throws -> [Opset] {
    var opsets: [Opset] = []
    for entry in imports {
      let domain = canonicalDomain(entry.domain)
      let label = domain.isEmpty ? "ONNX operators" : "operators of '\(domain)'"
      guard entry.version >= 1, domain != "" || entry.version <= newestOpset else {
        throw OnnxError(
          id: "onnx-opset-version",
          message: "version \(entry.version) of the \(label) is unknown, 1 to \(newestOpset) exist; "
            + "onnx.version_converter can change it")
      }
      if let other = opsets.first(where: { $0.domain == domain }) {
        guard other.version == Int(entry.version) else {
          throw OnnxError(
            id: "onnx-opset-twice",
            message: "versions \(other.version) and \(entry.version) of the \(label) are both imported")
        }
        continue
      }
      opsets.append(Opset(domain: domain, version: Int(entry.version)))
    }
    guard !opsets.isEmpty else {
      throw OnnxError(id: "onnx-no-opset", message: "the model imports no operator set, so its operators are unknown")
    }
    return opsets
  }
}
