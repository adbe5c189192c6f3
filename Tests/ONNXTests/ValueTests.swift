import Testing

@testable import TensorONNX

@Suite struct ValueTests {
  @Test func inputsLeaveOutThoseWithDefaults() throws {
    var proto = smallModel()
    proto.graph.input.append(valueInfo("w", [3]))
    let model = try OnnxModel(bytes: try proto.serializedBytes(), name: "m")
    #expect(model.inputs.map(\.name) == ["x", "flag"])
    #expect(model.inputs[0].type == .tensor(.f32, shape: [.symbol("batch"), .fixed(3)]))
    #expect(model.inputs[1].type == .tensor(.f32, shape: []))
    #expect(model.outputs.map(\.name) == ["y"])
  }

  @Test func unknownExtents() {
    #expect(OnnxValue(valueInfo("x", [-1, "", 0])).type == .tensor(.f32, shape: [.unknown, .unknown, .fixed(0)]))
    var type = Onnx_TypeProto()
    type.tensorType.elemType = .bool
    #expect(OnnxValueType(type) == .tensor(.bool, shape: nil))
    #expect(OnnxValueType(Onnx_TypeProto()) == nil)
  }

  @Test func nestedAndUnsupportedTypes() {
    var text = Onnx_TypeProto()
    text.tensorType.elemType = .string
    var sequence = Onnx_TypeProto()
    sequence.sequenceType.elemType = text
    var optional = Onnx_TypeProto()
    optional.optionalType.elemType = sequence
    #expect(OnnxValueType(optional) == .optional(.sequence(.other("a tensor of type STRING"))))
  }
}

@Suite struct AttributeTests {
  private func attributes(_ edit: (inout [Onnx_AttributeProto]) -> Void) throws -> OnnxAttributes {
    var proto = node("Op", [], [])
    var axis = Onnx_AttributeProto()
    axis.name = "axis"
    axis.type = .int
    axis.i = -1
    var mode = Onnx_AttributeProto()
    mode.name = "mode"
    mode.s = .init("edge".utf8)
    var pads = Onnx_AttributeProto()
    pads.name = "pads"
    proto.attribute = [axis, mode, pads]
    edit(&proto.attribute)
    return try OnnxAttributes(proto)
  }

  @Test func areReadByNameAndType() throws {
    let attributes = try attributes { _ in }
    #expect(attributes.names == ["axis", "mode", "pads"])
    #expect(try attributes.integer("axis") == -1)
    #expect(try attributes.string("mode") == "edge")
    #expect(try attributes.integers("pads") == [])
    #expect(try attributes.integer("group") == nil)
  }

  @Test func faultsNameTheNode() throws {
    let good = try attributes { _ in }
    for body in [
      { _ = try good.float("axis") }, { _ = try good.integer("pads") },
      { _ = try attributes { $0[1].name = "axis" } }, { _ = try attributes { $0[0].refAttrName = "outer" } },
      { _ = try attributes { $0[1].s = .init([0xFF]) }.string("mode") },
    ] as [() throws -> Void] {
      let error = #expect(throws: OnnxError.self) { try body() }
      #expect(error?.node == OnnxError.Node(name: "the Op", operation: "Op"))
    }
  }
}
