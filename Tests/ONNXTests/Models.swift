import Foundation

@testable import TensorONNX

/// A small model with an initialiser, a subgraph, typed inputs with symbolic dimensions and a function, so that damage
/// to its bytes reaches every kind of message.
func smallModel() -> Onnx_ModelProto {
  var model = Onnx_ModelProto()
  model.irVersion = 8
  model.producerName = "tests"
  model.opsetImport = [opset("", 17), opset("com.example", 1)]
  model.graph = smallGraph()
  var function = Onnx_FunctionProto()
  function.name = "Twice"
  function.domain = "com.example"
  function.input = ["a"]
  function.output = ["b"]
  function.node = [node("Add", ["a", "a"], ["b"])]
  function.opsetImport = [opset("", 17)]
  model.functions = [function]
  return model
}

private func smallGraph() -> Onnx_GraphProto {
  var graph = Onnx_GraphProto()
  graph.name = "main"
  graph.input = [valueInfo("x", ["batch", 3]), valueInfo("flag", [])]
  graph.output = [valueInfo("y", ["batch", 3])]
  graph.initializer = [floats("w", [3], [1, 2, 3])]
  var branch = Onnx_GraphProto()
  branch.name = "branch"
  branch.node = [node("Mul", ["s", "w"], ["t"])]
  branch.output = [valueInfo("t", ["batch", 3])]
  var choice = node("If", ["flag"], ["y"])
  choice.attribute = [graphAttribute("then_branch", branch), graphAttribute("else_branch", branch)]
  graph.node = [node("Add", ["x", "w"], ["s"]), choice]
  return graph
}

func opset(_ domain: String, _ version: Int64) -> Onnx_OperatorSetIdProto {
  var opset = Onnx_OperatorSetIdProto()
  opset.domain = domain
  opset.version = version
  return opset
}

func node(_ operation: String, _ inputs: [String], _ outputs: [String]) -> Onnx_NodeProto {
  var node = Onnx_NodeProto()
  node.opType = operation
  node.name = "the \(operation)"
  node.input = inputs
  node.output = outputs
  return node
}

func graphAttribute(_ name: String, _ graph: Onnx_GraphProto) -> Onnx_AttributeProto {
  var attribute = Onnx_AttributeProto()
  attribute.name = name
  attribute.type = .graph
  attribute.g = graph
  return attribute
}

func floats(_ name: String, _ dims: [Int64], _ values: [Float]) -> Onnx_TensorProto {
  var tensor = Onnx_TensorProto()
  tensor.name = name
  tensor.dataType = .float
  tensor.dims = dims
  tensor.floatData = values
  return tensor
}

/// A tensor of float; a dimension is a number or the name of a symbol.
func valueInfo(_ name: String, _ dimensions: [Any]) -> Onnx_ValueInfoProto {
  var type = Onnx_TypeProto.Tensor()
  type.elemType = .float
  type.shape.dim = dimensions.map { extent in
    var dimension = Onnx_TensorShapeProto.Dimension()
    if let number = extent as? Int { dimension.dimValue = Int64(number) }
    if let symbol = extent as? String { dimension.dimParam = symbol }
    return dimension
  }
  var info = Onnx_ValueInfoProto()
  info.name = name
  info.type.tensorType = type
  return info
}
