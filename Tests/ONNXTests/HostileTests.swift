import Foundation
import SwiftProtobuf
import TensorData
import TensorIR
import Testing

@testable import TensorONNX

/// Models whose numbers are out of reach end in an error.
@Suite struct HostileTests {
  @Test(arguments: [[Int(Int64.max)], [1 << 31, 1 << 31], [0, 1 << 62], [1 << 47]])
  func inputsLargerThanAnyMemory(_ shape: [Int]) throws {
    let errors = try faults([node("Abs", ["x"], ["y"])], [valueInfo("x", shape)])
    #expect(errors.map(\.id) == ["onnx-overflow"], "\(errors)")
  }

  @Test func ranksWithoutEnd() throws {
    let errors = try faults([node("Abs", ["x"], ["y"])], [valueInfo("x", Array(repeating: 1, count: 3000))])
    #expect(errors.map(\.id) == ["onnx-overflow"], "\(errors)")
  }

  @Test func whatIsComputedOnTheWayCounts() throws {
    // The result of OneHot is a bool for each element, its places are eight bytes each.
    var cast = node("Cast", ["made"], ["y"])
    cast.attribute = [integer("to", 9)]
    let made = [node("ConstantOfShape", ["shape"], ["made"]), cast]
    for extents in [[1 << 47], [1 << 31, 1 << 31], [Int64.max, 2], [-1], [1 << 40, 1 << 40]] as [[Int64]] {
      #expect(try !faults(made, [], [numbers("shape", extents)]).isEmpty)
    }
  }

  @Test func scansNeedInputs() throws {
    var scan = node("Scan", [], ["y"])
    var body = Onnx_GraphProto()
    body.output = [valueInfo("sum", [2])]
    body.initializer = [floats("sum", [2], [1, 2])]
    scan.attribute = [graphAttribute("body", body), integer("num_scan_inputs", 1)]
    #expect(try faults([scan], []).map(\.id) == ["onnx-scan"])
  }

  @Test func aFaultInAFunctionIsToldOnce() throws {
    var function = Onnx_FunctionProto()
    function.name = "Twice"
    function.domain = "com.example"
    function.input = ["a"]
    function.output = ["b"]
    function.opsetImport = [opset("", 17)]
    function.node = [node("Abs", ["a"], ["b"])]
    function.node[0].attribute = [integer("speed", 1)]
    var calls = [node("Twice", ["x"], ["p"]), node("Twice", ["x"], ["q"]), node("Add", ["p", "q"], ["y"])]
    for index in 0..<2 { calls[index].domain = "com.example" }
    let errors = try faults(calls, [valueInfo("x", [2])], functions: [function])
    #expect(errors.map(\.id) == ["onnx-unsupported-attribute"], "\(errors)")
  }

  /// Each function calls the next one twice; each sum holds the one before twice. What doubles would never end; a limit of time
  /// would count how long the test waits for a thread as well.
  @Test func whatDoublesAtEveryStepEnds() throws {
    var functions: [Onnx_FunctionProto] = []
    for number in 0..<150 {
      var function = Onnx_FunctionProto()
      function.name = "f\(number)"
      function.domain = "com.example"
      function.input = ["a"]
      function.output = ["b"]
      function.opsetImport = [opset("", 17), opset("com.example", 1)]
      function.node = [
        node("f\(number + 1)", ["a"], ["p"]), node("f\(number + 1)", ["p"], ["q"]), node("Add", ["p", "q"], ["b"]),
      ]
      for index in 0..<2 { function.node[index].domain = "com.example" }
      functions.append(function)
    }
    var call = node("f0", ["x"], ["y"])
    call.domain = "com.example"
    #expect(try faults([call], [valueInfo("x", [2])], functions: functions).contains { $0.id == "onnx-too-deep" })
    functions[30].node = [node("Abs", ["a"], ["b"])]
    #expect(try faults([call], [valueInfo("x", [2])], functions: functions).contains { $0.id == "onnx-too-many" })

    var nodes = [node("Shape", ["x"], ["d0"])]
    for step in 0..<70 {
      nodes += [
        node("Div", ["d\(step)", "three"], ["p\(step)"]), node("Mod", ["d\(step)", "five"], ["q\(step)"]),
        node("Add", ["p\(step)", "q\(step)"], ["d\(step + 1)"]),
      ]
    }
    nodes += [node("Reshape", ["x", "d70"], ["y"])]
    let table = [numbers("three", [3]), numbers("five", [5])]
    // Beyond what dimensions hold, the run works it out.
    #expect(try faults(nodes, [valueInfo("x", ["n"])], table).map(\.id) == [])
  }

  private func faults(
    _ nodes: [Onnx_NodeProto], _ inputs: [Onnx_ValueInfoProto], _ initializers: [Onnx_TensorProto] = [],
    functions: [Onnx_FunctionProto] = []
  ) throws -> [OnnxError] {
    var model = Onnx_ModelProto()
    model.irVersion = 8
    model.opsetImport = [opset("", 17)]
    model.functions = functions
    model.graph.node = nodes
    model.graph.input = inputs
    model.graph.initializer = initializers
    model.graph.output = [valueInfo("y", [])]
    do {
      _ = try Importer(OnnxModel(bytes: model.serializedData(partial: true), name: "test.onnx")).function()
      return []
    } catch let errors as OnnxErrors { return errors.list }
  }

  private func integer(_ name: String, _ value: Int64) -> Onnx_AttributeProto {
    var attribute = Onnx_AttributeProto()
    attribute.name = name
    attribute.type = .int
    attribute.i = value
    return attribute
  }

  private func numbers(_ name: String, _ values: [Int64]) -> Onnx_TensorProto {
    var tensor = Onnx_TensorProto()
    tensor.name = name
    tensor.dataType = .int64
    tensor.dims = [Int64(values.count)]
    tensor.int64Data = values
    return tensor
  }
}
