import Foundation
import TensorLayers

/// Where a run is beside its tensors.
struct RunPosition: Codable, Equatable {
  /// Passes that are over, and batches of the present one.
  var pass = 0
  var batch = 0
  /// How the present pass goes through the examples.
  var order: BatchOrder?
  var step = 0
  /// The sum of the losses of the present pass, and how many examples they are of.
  var lossSum = 0.0
  var examples = 0
  var passes: [Summary] = []
  var curve = Curve("training")

  struct Summary: Codable, Equatable {
    var step: Int
    var trainingLoss: Double
    var validationLoss: Double?
    var metrics: [String: Double]
  }
}

/// Files from which a killed run goes on: the tensors as safetensors, and the position as one more of bytes. A file is
/// written beside and renamed, so that it is whole whenever the run is killed.
enum Checkpoint {
  static let tensor = "run.position"

  static func save<State: TensorContainer>(_ state: State, _ position: RunPosition, to path: String) throws {
    var tensors = Dictionary(uniqueKeysWithValues: state.namedTensors.map { ($0.name, $0.tensor) })
    tensors[tensor] = Tensor(of: try bytes(of: position))
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try saveTensors(tensors, to: path)
  }

  static func load<State: TensorContainer>(_ state: inout State, from path: String) throws -> RunPosition {
    var stored = try loadTensors(path)
    guard let bytes = stored.removeValue(forKey: tensor) else {
      throw TrainingError("'\(path)' is no checkpoint of a run")
    }
    let position = try position(from: try bytes.array(of: UInt8.self))
    try state.load(stored, from: path)
    return position
  }

  static func bytes(of position: RunPosition) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // JSON has no numbers that are none; a loss may well be one.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return [UInt8](try encoder.encode(position))
  }

  static func position(from bytes: [UInt8]) throws -> RunPosition {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(RunPosition.self, from: Data(bytes))
  }
}

extension TensorContainer {
  /// Replaces the tensors by those of the same names: what ``loadTensors(_:)`` gives.
  /// - Parameter path: named in what is wrong.
  /// - Throws: ``TrainingError`` where one is missing, is left over or is of another type; nothing is replaced then.
  public mutating func load(_ stored: [String: Tensor], from path: String = "the file") throws {
    let own = namedTensors
    let missing = own.filter { stored[$0.name] == nil }.map(\.name)
    let extra = Set(stored.keys).subtracting(own.map(\.name)).sorted()
    func list(_ names: [String]) -> String {
      names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
    guard missing.isEmpty else { throw TrainingError("\(path) lacks \(list(missing)), which the model has") }
    guard extra.isEmpty else { throw TrainingError("\(path) has \(list(extra)), which the model lacks") }
    let found = own.compactMap { stored[$0.name] }
    for (old, new) in zip(own, found) where old.tensor.type.plain != new.type.plain {
      throw TrainingError("\(path): '\(old.name)' is \(new.type.plain), and \(old.tensor.type.plain) in the model")
    }
    self = replacing(found)
  }
}
