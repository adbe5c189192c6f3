import Foundation

/// A tensor and its name in a file of several.
public struct NamedTensor: Equatable, Sendable {
  public var name: String
  public var tensor: HostTensor

  public init(_ name: String, _ tensor: HostTensor) {
    self.name = name
    self.tensor = tensor
  }
}

/// NumPy's `.npz`: a zip file of `.npy` files.
public enum NpzFile {
  /// The tensors of the file at `path`, in its order; both `numpy.savez` and `numpy.savez_compressed` are read.
  /// - Throws: `TensorDataError`, naming the file.
  public static func read(_ path: String) throws -> [NamedTensor] {
    let file = try FileAccess.map(path)
    return try naming(file: path) { try decode(file) }
  }

  /// Writes tensors to `path` as `numpy.savez` does, uncompressed, all or nothing (see ``FileAccess/write(_:to:)``).
  /// - Throws: `TensorDataError`: a name is given twice; there are 4 GiB or more; the file cannot be written.
  public static func write(_ tensors: [NamedTensor], to path: String) throws {
    try naming(file: path) {
      try requireDistinct(tensors.map(\.name))
      let entries = tensors.map { (name: "\($0.name).npy", bytes: [NpyFile.encode($0.tensor)]) }
      try FileAccess.write(try ZipArchive.parts(entries), to: path)
    }
  }

  /// The tensors that the bytes of an `.npz` file hold.
  public static func decode(_ file: Data) throws -> [NamedTensor] {
    try ZipArchive.decode(file).map { entry in
      do {
        return NamedTensor(
          entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name, try NpyFile.decode(entry.bytes))
      } catch let error as TensorDataError {
        throw TensorDataError(id: error.id, message: "entry '\(entry.name)': \(error.message)")
      }
    }
  }

  /// Requires that no name is there twice.
  static func requireDistinct(_ names: [String]) throws {
    var seen: Set<String> = []
    if let twice = names.first(where: { !seen.insert($0).inserted }) {
      throw TensorDataError(id: "data-name", message: "two tensors are named '\(twice)'")
    }
  }
}
