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
  public func function() throws -> Function {
    do {
      let graph = try GraphImport(model, options)
      return try graph.function()
    } catch let error as OnnxError {
      throw OnnxErrors([error.naming(file: model.name)])
    } catch let errors as OnnxErrors {
      throw OnnxErrors(errors.list.map { $0.naming(file: model.name) })
    } catch let error as TensorDataError {
      throw OnnxErrors([OnnxError(id: error.id, message: error.message, file: model.name)])
    }
  }
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

  /// Any error as one of a model.
  init(_ error: any Error) {
    switch error {
    case let error as OnnxError: self = error
    case let error as Diagnostic: self.init(id: error.id, message: error.message)
    case let error as TensorDataError: self.init(id: error.id, message: error.message)
    default: self.init(id: "internal", message: "\(error)")
    }
  }
}
