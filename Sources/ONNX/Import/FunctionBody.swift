/// What tells the functions of a model apart.
struct FunctionName: Hashable, CustomStringConvertible {
  let domain: String
  let name: String
  /// Several functions of one name take operands of different types or numbers; since version 10 of the format.
  let overload: String

  init(_ function: Onnx_FunctionProto) {
    (domain, name) = (OnnxModel.canonicalDomain(function.domain), function.name)
    overload = function.overload
  }

  /// The function that a node calls, if there is one of this name.
  init(calledBy node: Onnx_NodeProto) {
    (domain, name) = (OnnxModel.canonicalDomain(node.domain), node.opType)
    overload = node.overload
  }

  var description: String { "\(domain.isEmpty ? "" : domain + ".")\(name)\(overload.isEmpty ? "" : ":" + overload)" }
}

/// The functions that a model brings along: their bodies as graphs, with a node's attributes in place.
enum FunctionBody {
  static func opsets(of function: Onnx_FunctionProto) -> [String: Int] {
    let entries = function.opsetImport.map { (OnnxModel.canonicalDomain($0.domain), Int(clamping: $0.version)) }
    return Dictionary(entries, uniquingKeysWith: { first, _ in first })
  }

  /// The body for one call.
  /// - Parameter present: the names of the inputs that the call gives; the others become absent operands.
  static func graph(
    of function: Onnx_FunctionProto, for node: Onnx_NodeProto, present: Set<String>
  ) throws -> Onnx_GraphProto {
    var given: [String: Onnx_AttributeProto] = [:]
    for attribute in function.attributeProto + node.attribute { given[attribute.name] = attribute }
    let absent = Set(function.input).subtracting(present)
    var graph = Onnx_GraphProto()
    let nodes = try OnnxNodeOrder.sorted(function.node)?.nodes ?? function.node
    graph.node = nodes.map { substituted($0, given, absent) }
    // What the call does not take need not be computed.
    graph.output = function.output.prefix(node.output.count).map { name in
      var value = Onnx_ValueInfoProto()
      value.name = name
      return value
    }
    return graph
  }

  /// A node with its references to attributes of the function replaced; those that the call leaves out are gone.
  private static func substituted(
    _ node: Onnx_NodeProto, _ given: [String: Onnx_AttributeProto], _ absent: Set<String>
  ) -> Onnx_NodeProto {
    var node = node
    node.input = node.input.map { absent.contains($0) ? "" : $0 }
    node.attribute = node.attribute.compactMap { attribute in
      var result = attribute
      if !attribute.refAttrName.isEmpty {
        guard let value = given[attribute.refAttrName] else { return nil }
        result = value
        result.name = attribute.name
      }
      if result.hasG { result.g.node = result.g.node.map { substituted($0, given, absent) } }
      return result
    }
    return node
  }
}
