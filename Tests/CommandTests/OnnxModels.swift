import Foundation
import SwiftProtobuf
import TestSupport

@testable import TensorONNX

/// Small ONNX models for the command.
enum OnnxModels {
  static func tensor(_ name: String, _ shape: [Int64], _ values: [Float]) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dims = shape
    tensor.dataType = .float
    tensor.floatData = values
    return tensor
  }

  static func integers(_ name: String, _ values: [Int64]) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dims = [Int64(values.count)]
    tensor.dataType = .int64
    tensor.int64Data = values
    return tensor
  }

  static func text(_ name: String, _ values: [String]) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dims = [Int64(values.count)]
    tensor.dataType = .string
    tensor.stringData = values.map { Data($0.utf8) }
    return tensor
  }

  /// A graph in an attribute, which takes nothing.
  static func graph(
    _ name: String, _ nodes: [Onnx_NodeProto], output: String, initializers: [Onnx_TensorProto] = []
  ) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .graph
    attribute.g.name = name
    attribute.g.node = nodes
    attribute.g.initializer = initializers
    attribute.g.output = [value(output, [])]
    return attribute
  }

  /// A declared tensor; text is a symbol, a number an extent.
  static func value(
    _ name: String, _ shape: [String], _ type: Onnx_TensorProto.DataType = .float
  ) -> Onnx_ValueInfoProto {
    var info = Onnx_ValueInfoProto()
    info.name = name
    info.type.tensorType.elemType = type
    info.type.tensorType.shape.dim = shape.map { extent in
      var dimension = Onnx_TensorShapeProto.Dimension()
      if let size = Int64(extent) { dimension.dimValue = size } else { dimension.dimParam = extent }
      return dimension
    }
    return info
  }

  static func node(
    _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: Int64] = [:],
    name: String = ""
  ) -> Onnx_NodeProto {
    var node = Onnx_NodeProto()
    node.opType = operation
    node.name = name.isEmpty ? "\(operation)_\(outputs[0])" : name
    node.input = inputs
    node.output = outputs
    for (key, number) in attributes.sorted(by: { $0.key < $1.key }) {
      var attribute = Onnx_AttributeProto()
      attribute.name = key
      attribute.type = .int
      attribute.i = number
      node.attribute.append(attribute)
    }
    return node
  }

  static func model(
    _ nodes: [Onnx_NodeProto], inputs: [Onnx_ValueInfoProto], outputs: [Onnx_ValueInfoProto],
    initializers: [Onnx_TensorProto] = []
  ) -> Onnx_ModelProto {
    var opset = Onnx_OperatorSetIdProto()
    opset.version = 17
    var model = Onnx_ModelProto()
    model.irVersion = 8
    model.opsetImport = [opset]
    model.graph.name = "main"
    model.graph.node = nodes
    model.graph.input = inputs
    model.graph.output = outputs
    model.graph.initializer = initializers
    return model
  }

  /// Two layers, a reshape and a softmax: operators of several kinds, attributes, weights and shapes to damage.
  static func network() -> Onnx_ModelProto {
    let weights = (0..<12).map { Float($0) / 7 - 0.8 }
    return model(
      [
        node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "b"], ["s"]), node("Relu", ["s"], ["r"]),
        node("Reshape", ["r", "shape"], ["q"]), node("Transpose", ["q"], ["t"]),
        node("Concat", ["q", "q"], ["c"], ["axis": 1]), node("Softmax", ["c"], ["p"], ["axis": -1]),
        node("ReduceMean", ["t"], ["m"], ["keepdims": 0]),
      ],
      inputs: [value("x", ["batch", "3"])], outputs: [value("p", ["batch", "8"]), value("m", [])],
      initializers: [
        tensor("w", [3, 4], weights), tensor("b", [4], [1, 2, 3, 4]), integers("shape", [-1, 4]),
      ])
  }

  static func addition(
    names: (String, String, String) = ("x", "y", "z"), shape: [String] = ["n", "2"]
  ) -> Onnx_ModelProto {
    model(
      [node("Add", [names.0, names.1], [names.2])], inputs: [value(names.0, shape), value(names.1, shape)],
      outputs: [value(names.2, shape)])
  }
}

/// Changes fields of a graph rather than bytes of a file, so that the damage reaches the importer and the passes.
struct GraphMutation {
  private var random: Mutations

  init(seed: UInt64) { random = Mutations(seed: seed) }

  mutating func apply(to model: inout Onnx_ModelProto) {
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        mutateNode(&model) { node, random in
          node.opType = GraphMutation.operators.randomElement(using: &random) ?? ""
        }
      case 1: renameInput(&model)
      case 2:
        mutateNode(&model) { node, random in
          for index in node.attribute.indices {
            node.attribute[index].i = Int64.random(in: -4...4, using: &random)
          }
        }
      case 3: changeWeights(&model)
      case 4: changeDeclaration(&model)
      case 5: model.graph.node.swapAt(pick(model.graph.node.count), pick(model.graph.node.count))
      case 6: model.graph.node.remove(at: pick(model.graph.node.count))
      case 7: model.graph.output[pick(model.graph.output.count)].name = anyName(model)
      case 8: mutateNode(&model) { node, _ in node.attribute = [] }
      default: model.opsetImport[0].version = Int64.random(in: 1...24, using: &random)
      }
      if model.graph.node.isEmpty { return }
    }
  }

  private static let operators = [
    "Add", "Mul", "MatMul", "Relu", "Softmax", "Concat", "Reshape", "Transpose", "Gemm", "Flatten", "Conv",
    "Gather",
    "Slice", "ReduceSum", "Cast", "Unsqueeze", "Squeeze", "Sigmoid", "Shape", "Split", "LSTM", "Where",
    "Nonsense", "",
  ]

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<max(count, 1), using: &random) }

  private mutating func anyName(_ model: Onnx_ModelProto) -> String {
    let names =
      model.graph.node.flatMap(\.output) + model.graph.initializer.map(\.name) + ["x", "", "missing"]
    return names[pick(names.count)]
  }

  private mutating func mutateNode(
    _ model: inout Onnx_ModelProto, _ body: (inout Onnx_NodeProto, inout Mutations) -> Void
  ) {
    body(&model.graph.node[pick(model.graph.node.count)], &random)
  }

  private mutating func renameInput(_ model: inout Onnx_ModelProto) {
    let name = anyName(model)
    let place = pick(model.graph.node.count)
    let count = model.graph.node[place].input.count
    if count > 0 { model.graph.node[place].input[pick(count)] = name }
  }

  private mutating func changeWeights(_ model: inout Onnx_ModelProto) {
    let place = pick(model.graph.initializer.count)
    if Bool.random(using: &random) {
      let axis = pick(model.graph.initializer[place].dims.count)
      model.graph.initializer[place].dims[axis] =
        [-1, 0, 1, 2, 4, 12, .max].randomElement(using: &random) ?? 0
    } else if !model.graph.initializer[place].int64Data.isEmpty {
      let index = pick(model.graph.initializer[place].int64Data.count)
      model.graph.initializer[place].int64Data[index] =
        [-2, 0, 1, 2, 3, .max, .min].randomElement(using: &random) ?? 0
    } else {
      model.graph.initializer[place].dataType =
        [.double, .int64, .string, .bool, .float16].randomElement(using: &random) ?? .float
    }
  }

  private mutating func changeDeclaration(_ model: inout Onnx_ModelProto) {
    let shapes = [
      [], ["3"], ["batch", "0"], ["batch", "batch"], ["1", "3"], ["9223372036854775807", "3"],
      ["a", "b", "3"],
    ]
    let types: [Onnx_TensorProto.DataType] = [.float, .float, .double, .int32, .bool]
    let shape = shapes[pick(shapes.count)]
    model.graph.input[0] = OnnxModels.value("x", shape, types[pick(types.count)])
  }
}
