import TensorData
import TensorIR
import TensorONNX

extension ModelLoader {
  static func loadONNX(
    _ path: String, _ dimensions: [DimensionSetting], _ constants: [String: HostTensor], _ data: LoadData?
  ) throws -> LoadedModel {
    let model = try OnnxModel(contentsOf: path)
    let binding = OnnxBinding(model: model, dimensions: dimensions, constants: constants, data: data ?? LoadData([]))
    if data != nil { try binding.checkData() }
    var loaded = LoadedModel(
      function: Function(name: "main"), inputNames: model.inputs.map(\.name),
      bound: constants.mapValues { _ in .given })
    let (result, bound) = try binding.function()
    loaded.function = result.function
    loaded.warnings = model.warnings + result.notes
    loaded.labels = result.labels
    for name in bound { loaded.bound[name] = .taken }
    if data?.isStatic ?? false { loaded.fixed = binding.sizes(without: bound) }
    return loaded
  }
}

/// The tensors that a model is to be called with, where they are known when it is loaded.
public struct LoadData: Sendable {
  public var tensors: [HostTensor]
  /// Whether the model is wanted for these very shapes alone.
  public var isStatic: Bool

  public init(_ tensors: [HostTensor], isStatic: Bool = false) {
    self.tensors = tensors
    self.isStatic = isStatic
  }
}

/// What of a model is taken from the data that it is to be called with: inputs that shape results and, where it is wanted
/// for that data alone, all sizes.
private struct OnnxBinding {
  let model: OnnxModel
  let dimensions: [DimensionSetting]
  let constants: [String: HostTensor]
  let data: LoadData

  /// The importer's errors that knowing the elements of an input may mend.
  private static let structureUnknown = ["onnx-data-dependent", "onnx-symbolic-structure"]
  /// Shapes, axes and counts are short.
  private static let largest = 4096
  /// What `--static` takes without being asked for it, such as a sample rate or the parameters of a window.
  private static let small = 16

  /// The function and the inputs that are constants in it.
  func function() throws -> (imported: ImportedModel, bound: [String]) {
    let first = data.isStatic ? candidates(upTo: OnnxBinding.small) : [:]
    do {
      return (try imported(with: first), first.keys.sorted())
    } catch let errors as OnnxErrors {
      let mendable = errors.list.contains { OnnxBinding.structureUnknown.contains($0.id) }
      guard mendable, let bound = smallestBinding(beside: first) else { throw errors }
      return (try imported(with: bound), bound.keys.sorted())
    }
  }

  /// Refuses data that is not what the model takes. Numbers are held to their input when the library is called.
  func checkData() throws {
    let inputs = model.inputs.enumerated().map { (place: "input_\($0) ('\($1.name)')", value: $1) }
    let missing = inputs.dropFirst(data.tensors.count).filter { constants[$0.value.name] == nil }
    guard missing.isEmpty, data.tensors.count <= inputs.count else {
      let expected = inputs.isEmpty ? "no input" : inputs.map(\.place).joined(separator: ", ")
      let reason =
        missing.isEmpty
        ? "there is no use for the others" : missing.map { "\($0.place) is missing" }.joined(separator: ", ")
      throw Diagnostic(
        "input-count", "the model takes \(expected), and the data has \(data.tensors.count): \(reason)")
    }
    for (input, tensor) in zip(inputs, data.tensors) where constants[input.value.name] == nil {
      guard case .tensor(let type, _) = input.value.type, !type.isFloat, type != tensor.type else { continue }
      throw Diagnostic(
        "element-type", "\(input.place) is a tensor of \(type.rawValue), but the data is \(tensor.typeText)")
    }
  }

  private func imported(with bound: [String: HostTensor]) throws -> ImportedModel {
    let ranges = Dictionary(
      dimensions.map { ($0.name, $0.minimum...($0.maximum ?? .max)) }, uniquingKeysWith: { _, last in last })
    let all = constants.merging(bound) { given, _ in given }
    return try Importer(model, options: ImportOptions(dimensions: ranges, constants: all, shapes: shapes)).imported()
  }

  private var inputs: [(value: OnnxValue, tensor: HostTensor)] {
    zip(model.inputs, data.tensors).map { ($0, $1) }.filter { constants[$0.value.name] == nil }
  }

  private var shapes: [String: [Int]] {
    guard data.isStatic else { return [:] }
    return Dictionary(inputs.map { ($0.value.name, $0.tensor.shape) }, uniquingKeysWith: { first, _ in first })
  }

  /// The named symbols that the data fixes, in order of appearance.
  /// - Parameter bound: inputs that are no parameters of the function.
  func sizes(without bound: [String]) -> [DimensionSetting] {
    var found: [DimensionSetting] = []
    for (value, tensor) in inputs where !bound.contains(value.name) {
      guard case .tensor(_, let shape?) = value.type, shape.count == tensor.shape.count else { continue }
      for (extent, size) in zip(shape, tensor.shape) {
        guard case .symbol(let name) = extent, name.contains(where: { $0.isLetter || $0 == "_" }),
          !found.contains(where: { $0.name == name })
        else { continue }
        found.append(DimensionSetting(name, minimum: size, maximum: size))
      }
    }
    return found
  }

  /// The inputs that may hold shapes and the like, with the data's values: integers and truth values, of at most one axis.
  /// Floats are what a model computes with, but for those that an operator is told its result's shape by.
  private func candidates(upTo most: Int) -> [String: HostTensor] {
    let shaping = model.shapingInputs
    let short = inputs.filter { value, tensor in
      guard case .tensor(tensor.type, _) = value.type else { return false }
      let isStructure = !tensor.type.isFloat || shaping.contains(value.name)
      return isStructure && tensor.shape.count <= 1 && tensor.elementCount <= most
    }
    return Dictionary(short.map { ($0.value.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  /// Binds all candidates, then frees each that can do without; nil where not even all of them suffice.
  private func smallestBinding(beside fixed: [String: HostTensor]) -> [String: HostTensor]? {
    let all = candidates(upTo: OnnxBinding.largest)
    var bound = all.merging(fixed) { $1 }
    guard bound.count > fixed.count, (try? imported(with: bound)) != nil else { return nil }
    for name in all.keys.sorted() where fixed[name] == nil {
      var fewer = bound
      fewer[name] = nil
      if (try? imported(with: fewer)) != nil { bound = fewer }
    }
    return bound
  }
}
