import Foundation
import TensorData
import TensorIR
import TensorOps
import TensorRuntime

extension Tensor {
  /// The tensor in a NumPy `.npy` file.
  /// - Throws: `TensorDataError`, naming the file and what is wrong with it.
  public init(npy path: String) throws { self = try Tensor(stored: NpyFile.read(path)) }

  /// Computes the elements and writes them as a NumPy `.npy` file. The file appears complete or not at all.
  /// - Throws: what is wrong with the computation; `TensorDataError` when the file cannot be written.
  public func save(npy path: String) throws { try NpyFile.write(try stored(), to: path) }

  init(stored: HostTensor) throws {
    guard let type = ElementType(rawValue: stored.type.rawValue) else {
      throw Diagnostic("element-type", "elements of \(stored.type.rawValue) are not tensors' elements")
    }
    self.init(try stored.bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: stored.shape, type.hostType) })
  }

  func stored() throws -> HostTensor {
    let array = try evaluate().hostArray()
    guard let type = DataType(rawValue: elementType.rawValue) else {
      throw Diagnostic("element-type", "elements of \(elementType) are not stored in files")
    }
    return try HostTensor(type: type, shape: array.shape, bytes: array.withUnsafeBytes { Data($0) })
  }
}

/// The tensors of an `.npz` or `.safetensors` file, by their names.
///
/// Read at once; `.npz` may be compressed.
/// - Throws: `TensorDataError`, naming the file: another ending (`file-kind`), or what is wrong in it.
public func loadTensors(_ path: String) throws -> [String: Tensor] {
  let named =
    switch try FileKind(path) {
    case .npz: try NpzFile.read(path)
    case .safetensors: try SafetensorsFile(path: path).tensors
    }
  return Dictionary(try named.map { ($0.name, try Tensor(stored: $0.tensor)) }, uniquingKeysWith: { first, _ in first })
}

/// Computes tensors together and writes them, sorted by name, to an `.npz` or `.safetensors` file, which appears complete
/// or not at all.
/// - Throws: what is wrong with the computations; `TensorDataError`: another ending (`file-kind`), or the file cannot be
///   written.
public func saveTensors(_ tensors: [String: Tensor], to path: String) throws {
  let kind = try FileKind(path)
  let sorted = tensors.sorted { $0.key < $1.key }
  _ = try transaction(sorted.map(\.value))
  let named = try sorted.map { NamedTensor($0.key, try $0.value.stored()) }
  switch kind {
  case .npz: try NpzFile.write(named, to: path)
  case .safetensors: try SafetensorsFile(named).write(to: path)
  }
}

private enum FileKind: String {
  case npz, safetensors

  init(_ path: String) throws {
    guard let kind = FileKind(rawValue: URL(fileURLWithPath: path).pathExtension) else {
      throw TensorDataError(id: "file-kind", message: "the name ends in neither .npz nor .safetensors", file: path)
    }
    self = kind
  }
}
