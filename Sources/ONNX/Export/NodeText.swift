import TensorData
import TensorIR

import struct Foundation.Data

/// The value of a node's attribute.
enum NodeAttribute {
  case int(Int)
  case float(Double)
  case string(String)
  case ints([Int])
  case graph(Onnx_GraphProto)
  case tensor(Onnx_TensorProto)
}

/// Messages of the format, from what they say.
enum NodeText {
  static func node(
    _ kind: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: NodeAttribute] = [:], name: String
  ) -> Onnx_NodeProto {
    var node = Onnx_NodeProto()
    (node.opType, node.name, node.output) = (kind, name, outputs)
    // Inputs that are left out at the end are not there.
    node.input = Array(inputs.reversed().drop { $0.isEmpty }.reversed())
    node.attribute = attributes.sorted { $0.key < $1.key }.map { attribute($0.key, $0.value) }
    return node
  }

  private static func attribute(_ name: String, _ value: NodeAttribute) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    switch value {
    case .int(let number): (attribute.type, attribute.i) = (.int, Int64(number))
    case .float(let number): (attribute.type, attribute.f) = (.float, Float(number))
    case .string(let text): (attribute.type, attribute.s) = (.string, Data(text.utf8))
    case .ints(let numbers): (attribute.type, attribute.ints) = (.ints, numbers.map { Int64($0) })
    case .graph(let graph): (attribute.type, attribute.g) = (.graph, graph)
    case .tensor(let tensor): (attribute.type, attribute.t) = (.tensor, tensor)
    }
    return attribute
  }

  /// What is said of an input or an output: its element type and extents, symbols by their names.
  static func info(_ name: String, _ type: TensorType) throws -> Onnx_ValueInfoProto {
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = try type.elementType.onnx
    tensor.shape.dim = type.shape.map { extent in
      var dimension = Onnx_TensorShapeProto.Dimension()
      if let number = extent.constant {
        dimension.dimValue = Int64(number)
      } else {
        dimension.dimParam = extent.symbolName ?? extent.description
      }
      return dimension
    }
    // A scalar has a shape too, of no extents.
    if type.shape.isEmpty { tensor.shape = Onnx_TensorShapeProto() }
    var info = Onnx_ValueInfoProto()
    info.name = name
    info.type.tensorType = tensor
    return info
  }
}

extension ElementType {
  /// ONNX's element type for it; the two enumerations of this project have the same cases.
  var onnx: Onnx_TensorProto.DataType {
    get throws {
      guard let type = DataType(rawValue: rawValue) else {
        throw Diagnostic("onnx-export", "ONNX has no elements of \(self)")
      }
      return Onnx_TensorProto.DataType(type)
    }
  }
}
