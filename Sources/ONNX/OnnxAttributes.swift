/// The attributes of one node, read by name and type.
///
/// Every error names the node. An attribute of another type than the reader expects is an error, never ignored.
struct OnnxAttributes {
  let node: OnnxError.Node
  private let attributes: [Onnx_AttributeProto]

  /// - Throws: `OnnxError` when a name is missing or given twice, and when an attribute refers to one of a function:
  ///   functions are to be expanded before.
  init(_ node: Onnx_NodeProto) throws {
    self.node = OnnxError.Node(node)
    attributes = node.attribute
    var names: Set<String> = []
    for attribute in attributes {
      if attribute.name.isEmpty || !names.insert(attribute.name).inserted {
        throw fault("onnx-attribute-twice", "attribute '\(attribute.name)' is unnamed or given twice")
      }
      if !attribute.refAttrName.isEmpty {
        throw fault(
          "onnx-attribute-reference",
          "attribute '\(attribute.name)' refers to attribute '\(attribute.refAttrName)' outside a function")
      }
    }
  }

  /// The names of all attributes, in the file's order; an importer that does not know one of them should refuse it.
  var names: [String] { attributes.map(\.name) }

  func integer(_ name: String) throws -> Int64? { try value(name, .int)?.i }
  func float(_ name: String) throws -> Float? { try value(name, .float)?.f }
  func integers(_ name: String) throws -> [Int64]? { try value(name, .ints)?.ints }
  func floats(_ name: String) throws -> [Float]? { try value(name, .floats)?.floats }
  func graph(_ name: String) throws -> Onnx_GraphProto? { try value(name, .graph)?.g }
  func tensor(_ name: String) throws -> Onnx_TensorProto? { try value(name, .tensor)?.t }
  func sparseTensor(_ name: String) throws -> Onnx_SparseTensorProto? { try value(name, .sparseTensor)?.sparseTensor }
  func type(_ name: String) throws -> Onnx_TypeProto? { try value(name, .typeProto)?.tp }

  func string(_ name: String) throws -> String? {
    guard let bytes = try value(name, .string)?.s else { return nil }
    return try text(name, bytes)
  }

  func strings(_ name: String) throws -> [String]? { try value(name, .strings)?.strings.map { try text(name, $0) } }

  private func text(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw fault("onnx-attribute-text", "attribute '\(name)' is not UTF-8")
    }
    return text
  }

  private func value(_ name: String, _ type: Onnx_AttributeProto.AttributeType) throws -> Onnx_AttributeProto? {
    guard let attribute = attributes.first(where: { $0.name == name }) else { return nil }
    let actual = attribute.type == .undefined ? attribute.impliedType : attribute.type
    // An empty list without a stated type may be of any.
    if actual == type || actual == .undefined && type.isList { return attribute }
    throw fault("onnx-attribute-type", "attribute '\(name)' is a \(actual), but should be a \(type)")
  }

  private func fault(_ id: String, _ message: String) -> OnnxError {
    OnnxError(id: id, message: message, node: node)
  }
}

extension Onnx_AttributeProto {
  /// The type that the filled field implies; files of the first IR versions state none.
  fileprivate var impliedType: AttributeType {
    if hasF { return .float }
    if hasI { return .int }
    if hasS { return .string }
    if hasT { return .tensor }
    if hasG { return .graph }
    if hasTp { return .typeProto }
    if hasSparseTensor { return .sparseTensor }
    if !floats.isEmpty { return .floats }
    if !ints.isEmpty { return .ints }
    if !strings.isEmpty { return .strings }
    return .undefined
  }
}

extension Onnx_AttributeProto.AttributeType {
  fileprivate var isList: Bool {
    switch self {
    case .floats, .ints, .strings, .tensors, .graphs, .sparseTensors, .typeProtos: return true
    default: return false
    }
  }
}
