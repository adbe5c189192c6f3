/// Why an ONNX model, or something in one, was refused.
public struct OnnxError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Names a node as diagnostics print it.
  public struct Node: Equatable, Sendable {
    /// The node's name; where the model gives none, its first output.
    public let name: String
    /// The operator, such as `Conv`, with its domain before it where that is not ONNX's own.
    public let operation: String

    public init(name: String, operation: String) {
      self.name = name
      self.operation = operation
    }
  }

  /// A stable, greppable name of the kind of fault, such as `onnx-truncated`.
  public let id: String
  /// What is wrong and, where it is known, what to do about it.
  public let message: String
  /// The node at fault, if it is one.
  public let node: Node?
  /// The model file, as the caller named it.
  public let file: String?

  public init(id: String, message: String, node: Node? = nil, file: String? = nil) {
    self.id = id
    self.message = message
    self.node = node
    self.file = file
  }

  /// `model.onnx: node 'NAME' (Op): error: MESSAGE [ID]`, without the parts that are unknown.
  public var description: String {
    let place = file.map { "\($0): " } ?? ""
    let culprit = node.map { "node '\($0.name)' (\($0.operation)): " } ?? ""
    return "\(place)\(culprit)error: \(message) [\(id)]"
  }

  /// The same error, told of `file` unless it names one already.
  public func naming(file: String) -> OnnxError {
    OnnxError(id: id, message: message, node: node, file: self.file ?? file)
  }

  /// The same error, told of `node` unless it names one already.
  public func naming(node: Node) -> OnnxError {
    OnnxError(id: id, message: message, node: self.node ?? node, file: file)
  }

  /// The same error, its message preceded by the thing it is about.
  func about(_ subject: String) -> OnnxError {
    OnnxError(id: id, message: "\(subject): \(message)", node: node, file: file)
  }
}

extension OnnxError.Node {
  init(_ node: Onnx_NodeProto) {
    let domain = OnnxModel.canonicalDomain(node.domain)
    self.init(
      name: node.name.isEmpty ? node.output.first { !$0.isEmpty } ?? "" : node.name,
      operation: domain.isEmpty ? node.opType : "\(domain).\(node.opType)")
  }
}
