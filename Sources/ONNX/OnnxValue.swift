import TensorData

/// An input or output of a graph as the model declares it.
public struct OnnxValue: Equatable, Sendable {
  public let name: String
  /// Nil where the model does not say.
  public let type: OnnxValueType?
}

/// The declared type of a value.
public indirect enum OnnxValueType: Equatable, Sendable {
  /// The extent of one axis.
  public enum Extent: Equatable, Sendable {
    case fixed(Int)
    /// Axes with the same symbol have the same extent.
    case symbol(String)
    case unknown
  }

  /// A tensor of numbers; the shape is nil where not even the rank is known.
  case tensor(DataType, shape: [Extent]?)
  case sparseTensor(DataType, shape: [Extent]?)
  case sequence(OnnxValueType)
  case optional(OnnxValueType)
  /// A type that is not supported, in words: a map, or a tensor of text.
  case other(String)
}

extension OnnxModel {
  /// What the caller supplies, in order: the graph's inputs without those that have a default among the initialisers.
  public var inputs: [OnnxValue] {
    let initialised = Set(graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name))
    return graph.input.filter { !initialised.contains($0.name) }.map(OnnxValue.init)
  }

  /// What the model computes, in order.
  public var outputs: [OnnxValue] { graph.output.map(OnnxValue.init) }
}

extension OnnxValue {
  init(_ info: Onnx_ValueInfoProto) {
    self.init(name: info.name, type: info.hasType ? OnnxValueType(info.type) : nil)
  }
}

extension OnnxValueType {
  /// Nil where the message says nothing. Nesting is as bounded as the file's decoder made it.
  init?(_ proto: Onnx_TypeProto) {
    switch proto.value {
    case .tensorType(let tensor):
      let shape = tensor.hasShape ? tensor.shape.dim.map(Extent.init) : nil
      self = OnnxValueType.element(tensor.elemType) { .tensor($0, shape: shape) }
    case .sparseTensorType(let tensor):
      let shape = tensor.hasShape ? tensor.shape.dim.map(Extent.init) : nil
      self = OnnxValueType.element(tensor.elemType) { .sparseTensor($0, shape: shape) }
    case .sequenceType(let sequence):
      self = .sequence(OnnxValueType(sequence.elemType) ?? .other("anything"))
    case .optionalType(let optional):
      self = .optional(OnnxValueType(optional.elemType) ?? .other("anything"))
    case .mapType: self = .other("a map")
    case nil: return nil
    }
  }

  private static func element(
    _ type: Onnx_TensorProto.DataType, _ make: (DataType) -> OnnxValueType
  ) -> OnnxValueType {
    (DataType(type) ?? SmallFormat(type)?.stored).map(make) ?? .other("a tensor of type \(type.onnxName)")
  }
}

extension OnnxValueType.Extent {
  init(_ dimension: Onnx_TensorShapeProto.Dimension) {
    switch dimension.value {
    // Exporters write -1 for an extent they do not know.
    case .dimValue(let extent): self = extent >= 0 ? .fixed(Int(extent)) : .unknown
    case .dimParam(let symbol): self = symbol.isEmpty ? .unknown : .symbol(symbol)
    case nil: self = .unknown
    }
  }
}
