import Foundation
import TensorData
import TensorDriver
import TensorONNX

/// Tensors in files that the user names.
enum DataFiles {
  /// A tensor in a `.npy` or `.pb` file.
  static func read(_ path: String) throws -> HostTensor {
    switch URL(fileURLWithPath: path).pathExtension {
    case "npy": return try NpyFile.read(path)
    case "pb": return try about(path) { try OnnxTensor(serialized: try FileAccess.map(path)).numbers() }
    default: throw TensorDataError(id: "data-kind", message: "a tensor is read from .npy or .pb", file: path)
    }
  }

  /// The data directories that a path means: itself, or the `test_data_set_K` in it.
  static func directories(_ path: String) throws -> [DataDirectory] {
    let directory = try DataDirectory(onnx: path)
    if !directory.inputs.isEmpty || !directory.outputs.isEmpty { return [directory] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let numbers = names.compactMap { name -> (Int, String)? in
      guard name.hasPrefix("test_data_set_"), let number = Int(name.dropFirst("test_data_set_".count)) else {
        return nil
      }
      return (number, name)
    }
    if numbers.isEmpty { return [directory] }
    let base = URL(fileURLWithPath: path, isDirectory: true)
    return try numbers.sorted { $0.0 < $1.0 }.map {
      try DataDirectory(onnx: base.appendingPathComponent($0.1).path)
    }
  }
}
