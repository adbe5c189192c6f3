import TensorData
import TensorIR
import TensorONNX

extension ModelLoader {
  static func loadONNX(
    _ path: String, _ dimensions: [DimensionSetting], _ constants: [String: HostTensor], _ data: [HostTensor]
  ) throws -> LoadedModel {
    let model = try OnnxModel(contentsOf: path)
    let sizes = Dictionary(
      dimensions.map { ($0.name, $0.minimum...($0.maximum ?? .max)) }, uniquingKeysWith: { _, last in last })
    func imported(with bound: [String: HostTensor]) throws -> Function {
      let all = constants.merging(bound) { given, _ in given }
      return try Importer(model, options: ImportOptions(dimensions: sizes, constants: all)).function()
    }
    var loaded = LoadedModel(
      function: Function(name: "main"), inputNames: model.inputs.map(\.name),
      bound: constants.mapValues { _ in "given with --const" })
    loaded.warnings = model.warnings
    do {
      loaded.function = try imported(with: [:])
    } catch let errors as OnnxErrors where errors.list.contains(where: { $0.id == structureUnknown }) {
      let candidates = structuralInputs(model, data).filter { constants[$0.name] == nil }
      guard let bound = smallestBinding(candidates, imported) else { throw errors }
      loaded.function = try imported(with: bound)
      for name in bound.keys {
        loaded.bound[name] = "the model's structure depends on it, so its value is taken from the data"
      }
    }
    return loaded
  }

  /// The identifier of the importer's error that a shape depends on values.
  private static let structureUnknown = "onnx-data-dependent"
  /// Shapes, axes and counts are short.
  private static let largestStructure = 4096

  /// The inputs that may hold shapes and the like: short tensors of at most one axis, and the values given for them.
  private static func structuralInputs(
    _ model: OnnxModel, _ data: [HostTensor]
  ) -> [(name: String, tensor: HostTensor)] {
    zip(model.inputs, data).compactMap { input, tensor in
      tensor.shape.count <= 1 && tensor.elementCount <= largestStructure ? (input.name, tensor) : nil
    }
  }

  /// Binds all candidates, then frees each that can do without; nil where not even all of them suffice.
  private static func smallestBinding(
    _ candidates: [(name: String, tensor: HostTensor)], _ imported: ([String: HostTensor]) throws -> Function
  ) -> [String: HostTensor]? {
    var bound = Dictionary(candidates.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    guard !bound.isEmpty, (try? imported(bound)) != nil else { return nil }
    for candidate in candidates {
      var fewer = bound
      fewer[candidate.name] = nil
      if (try? imported(fewer)) != nil { bound = fewer }
    }
    return bound
  }
}
