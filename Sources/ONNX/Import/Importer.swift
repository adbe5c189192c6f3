import TensorData
import TensorIR
import TensorOps

/// Turns an ONNX model into a function of the tensor IR.
///
/// Dimensions with a name become symbols. Arithmetic on shapes is done at import on symbolic dimensions, so a reshape
/// whose target is computed from another tensor's shape becomes one op with a symbolic attribute.
public struct Importer {
  public let model: OnnxModel
  public let options: ImportOptions

  public init(_ model: OnnxModel, options: ImportOptions = ImportOptions()) {
    self.model = model
    self.options = options
  }

  /// The model's main graph as a function.
  /// - Throws: `OnnxErrors` with everything that is wrong, each naming the file and, where there is one, the node.
  public func function() throws -> Function { try imported().function }

  /// The same, and what there is to say of it.
  public func imported() throws -> ImportedModel {
    do {
      let graph = try GraphImport(model, options)
      let function = try graph.function()
      return ImportedModel(function: function, notes: graph.notes, labels: graph.labels)
    } catch { throw OnnxErrors(OnnxError.list(error).map { $0.naming(file: model.name) }) }
  }
}

/// A model's main graph as a function.
public struct ImportedModel: Sendable {
  public var function: Function
  /// What the user should know of its results where they are not quite the model's: places among texts instead of text.
  public var notes: [String]
  /// The texts of the outputs that are text, by name: the elements of such an output are places among them, i64.
  public var labels: [String: [String]]
}

extension ElementType {
  /// The element type of a tensor in a file; the two enumerations have the same cases.
  init(_ type: DataType) throws {
    guard let match = ElementType(rawValue: type.rawValue) else {
      throw OnnxError(id: "onnx-element-type", message: "elements of type \(type.rawValue) are not supported")
    }
    self = match
  }
}

extension OnnxError {
  /// A fault that is to be told of a node by whoever knows the node.
  init(_ id: String, _ message: String) { self.init(id: id, message: message) }

  /// Any error as those of a model; what follows from another fault, which has been told, is none.
  static func list(_ error: any Error) -> [OnnxError] {
    switch error {
    case let error as OnnxError: [error]
    case let error as OnnxErrors: error.list
    case let error as Diagnostic: error.id == "poison" ? [] : [OnnxError(error)]
    case let error as Diagnostics: error.list.flatMap { list($0) }
    case let error as TensorDataError: [OnnxError(id: error.id, message: error.message)]
    default: [OnnxError(id: "internal", message: "\(error)")]
    }
  }

  private init(_ diagnostic: Diagnostic) {
    var node: Node?
    if case .node(let name, let kind) = diagnostic.location { node = Node(name: name, operation: kind) }
    self.init(id: diagnostic.id, message: diagnostic.message, node: node)
  }
}
