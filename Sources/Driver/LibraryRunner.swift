import Foundation
import TensorData
import TensorIR
import TensorRuntime

/// A loaded library that is called with the tensors of files.
public final class LibraryRunner {
  public let library: CompiledLibrary
  public let context: Context
  /// The places of the library's inputs among the tensors given.
  public let places: [Int]
  /// How many inputs the file has, those that became constants included.
  private let inputCount: Int
  /// Keeps the file until the library is loaded.
  private let temporary: TemporaryLibrary?

  /// Loads a library that stands in a file.
  public convenience init(path: String, threads: Int?) throws {
    let library = try CompiledLibrary(path: path)
    let places = Array(library.description.inputs.indices)
    try self.init(library, places: places, inputCount: places.count, threads: threads, temporary: nil)
  }

  /// Loads a library of a model from a file.
  convenience init(path: String, of model: LoadedModel, threads: Int?) throws {
    let library = try CompiledLibrary(path: path)
    try self.init(
      library, places: model.parameterPlaces, inputCount: model.inputNames.count, threads: threads, temporary: nil)
  }

  /// Loads a library that was compiled for this process.
  public convenience init(_ temporary: TemporaryLibrary, of model: LoadedModel, threads: Int?) throws {
    let library = try CompiledLibrary(path: temporary.path)
    try self.init(
      library, places: model.parameterPlaces, inputCount: model.inputNames.count, threads: threads,
      temporary: temporary)
  }

  private init(
    _ library: CompiledLibrary, places: [Int], inputCount: Int, threads: Int?, temporary: TemporaryLibrary?
  ) throws {
    self.library = library
    self.places = places
    self.inputCount = inputCount
    self.temporary = temporary
    context = try library.makeModel().makeContext(threads: threads)
  }

  /// The inputs among the tensors of a data directory, which has those that became constants too.
  public func setInputs(_ inputs: [DataInput]) throws {
    guard inputs.allSatisfy({ $0.number < inputCount }),
      places.allSatisfy({ place in inputs.contains { $0.number == place } })
    else {
      throw countMismatch(inputs)
    }
    for (position, place) in places.enumerated() {
      guard let input = inputs.first(where: { $0.number == place }) else { throw countMismatch(inputs) }
      do {
        let wanted = library.description.inputs[position].elementType
        try context.setInput(position, try input.tensor.standing(for: wanted.description).array())
      } catch let error as RuntimeError {
        throw InputError(file: input.file, error: error)
      }
    }
  }

  /// Runs with the inputs set before.
  public func run() throws -> [HostTensor] {
    try context.run()
    return try library.description.outputs.indices.map { try HostTensor(context.output($0)) }
  }

  private func countMismatch(_ inputs: [DataInput]) -> Diagnostic {
    let expected = zip(places, library.description.inputs).map { "input_\($0) ('\($1.name)')" }
    let missing = zip(places, library.description.inputs).filter { place, _ in
      !inputs.contains { $0.number == place }
    }
    .map { "input_\($0) ('\($1.name)') is missing" }
    let reason = missing.isEmpty ? "there is no use for the others" : missing.joined(separator: ", ")
    return Diagnostic(
      "input-count",
      "the model takes \(expected.isEmpty ? "no input" : expected.joined(separator: ", ")), "
        + "and the data has \(inputs.count): \(reason)")
  }
}

/// A numbered input of a data directory.
public struct DataInput: Sendable {
  public var number: Int
  public var file: String
  public var tensor: HostTensor

  /// All inputs of a directory, in order.
  public static func read(_ directory: DataDirectory) throws -> [DataInput] {
    try directory.inputs.enumerated().map { number, entry in
      DataInput(number: number, file: entry.path, tensor: try directory.read(entry))
    }
  }
}

/// An input that the library refused, with the file it came from.
public struct InputError: Error, CustomStringConvertible {
  public var file: String
  public var error: RuntimeError

  public var description: String { "\(file): \(error)" }
}
