import Foundation
import TensorData
import TensorIR
import TensorONNX
import TensorOps

/// A model as a function, and what became of the file's inputs.
public struct LoadedModel: Sendable {
  public var function: Function
  /// The names of the file's inputs, in order. Data directories number these.
  public var inputNames: [String]
  /// The inputs that have become constants.
  public var bound: [String: InputBinding] = [:]
  /// The dimensions that were taken from the data because the model is wanted for it alone.
  public var fixed: [DimensionSetting] = []
  /// The texts of the results that are text in the file, by name: their elements are places among them, i64.
  public var labels: [String: [String]] = [:]
  /// What is amiss with the file and was put right, each a sentence.
  public var warnings: [String] = []

  /// The places of the function's parameters among the file's inputs.
  public var parameterPlaces: [Int] { inputNames.indices.filter { bound[inputNames[$0]] == nil } }
}

/// Why an input is a constant.
public enum InputBinding: Hashable, Sendable {
  /// The user gave its value.
  case given
  /// The structure of the model depends on it, so its value was taken from the data.
  case taken
}

/// Reads model files.
public enum ModelLoader {
  public enum Kind: String, CaseIterable, Sendable {
    case onnx, tir
  }

  /// What a path is by its name; nil where it is no model.
  public static func kind(of path: String) -> Kind? {
    Kind(rawValue: URL(fileURLWithPath: path).pathExtension.lowercased())
  }

  /// The ops that may stand in a `.tir` file.
  public static var ops: OpDirectory { OpDirectory(Registry.types + [Fused.self]) }

  /// Reads a model and makes it a function, with dimensions and inputs fixed as the user said.
  ///
  /// - Parameter data: the tensors of a data directory; integer inputs that the structure of the model depends on are
  ///   taken from them.
  /// - Throws: diagnostics about the model.
  public static func load(
    _ path: String, dimensions: [DimensionSetting] = [], constants: [String: HostTensor] = [:],
    data: LoadData? = nil
  ) throws -> LoadedModel {
    switch kind(of: path) {
    case .tir:
      let loaded = try loadText(path, dimensions, constants)
      guard let data, data.isStatic else { return loaded }
      return try loaded.specialized(to: data.tensors)
    case .onnx: return try loadONNX(path, dimensions, constants, data)
    case nil:
      throw Diagnostic("model-kind", "'\(path)' is not a model: its name ends neither in .onnx nor in .tir")
    }
  }

  private static func loadText(
    _ path: String, _ dimensions: [DimensionSetting], _ constants: [String: HostTensor]
  ) throws -> LoadedModel {
    let functions = try TextBundle.read(path, ops: ops)
    guard functions.count == 1, let function = functions.first else {
      throw Diagnostic(
        "function-count", "a model is one function, and this file has \(functions.count)",
        at: .source(file: path, line: 1, column: 1))
    }
    let literals = try constants.mapValues { try $0.literal() }
    let special = try Specializer.specialize(function, dimensions: dimensions, constants: literals)
    return LoadedModel(
      function: special, inputNames: function.body.parameters.map { function[$0].name },
      bound: constants.mapValues { _ in .given }, labels: try LabelFile.labels(beside: path))
  }
}

extension LoadedModel {
  /// The model for the very shapes of the tensors of a data directory.
  ///
  /// - Throws: a `Diagnostic` where a tensor cannot be the input that it stands for.
  func specialized(to tensors: [HostTensor]) throws -> LoadedModel {
    var sizes: [String: Int] = [:]
    for (position, place) in parameterPlaces.enumerated() {
      guard place < tensors.count, position < function.body.parameters.count else { continue }
      let parameter = function[function.body.parameters[position]]
      try tensors[place].tensorShape?.bind(to: parameter, &sizes)
    }
    let settings = sizes.sorted { $0.key < $1.key }
      .map { DimensionSetting($0.key, minimum: $0.value, maximum: $0.value) }
    var copy = self
    copy.function = try Specializer.specialize(function, dimensions: settings)
    copy.fixed = settings
    return copy
  }

  /// The results by the reference evaluator.
  public func evaluate(_ inputs: [DataInput]) throws -> [HostTensor] {
    let arguments = try parameterPlaces.map { place in
      guard let input = inputs.first(where: { $0.number == place }) else {
        throw Diagnostic("input-count", "input_\(place) ('\(inputNames[place])') is missing")
      }
      return ReferenceTensor(try input.tensor.literal())
    }
    return try Evaluator.run(function, arguments).map { try HostTensor($0.literal) }
  }
}
