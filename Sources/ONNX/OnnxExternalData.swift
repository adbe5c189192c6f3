import Foundation
import TensorData

/// Tensor data that stands in files beside the model, as `external_data` of a tensor describes it.
///
/// A location comes from the model, which may be hostile, so it can only name a file in or below the model's directory.
/// Links are followed: a model hub's cache keeps a model and its data as links into one store, and only someone who can
/// write to the directory can put a link there.
///
/// Each file is mapped once, however many tensors it holds: the system allows a process only so many mappings.
final class OnnxExternalData: @unchecked Sendable {
  let directory: String
  private let lock = NSLock()
  /// Guarded by `lock`.
  private var files: [String: Data] = [:]

  init(directory: String) { self.directory = directory }

  /// The part of a file that holds one tensor; a slice of the mapped file.
  /// - Parameter needed: the number of bytes that the tensor takes.
  func bytes(_ entries: [Onnx_StringStringEntryProto], needed: Int) throws -> Data {
    let location = try value("location", entries) ?? ""
    try OnnxExternalData.check(location: location)
    let offset = try number("offset", entries) ?? 0
    let length = try number("length", entries) ?? needed
    guard length == needed else {
      throw OnnxError(
        id: "onnx-size-mismatch", message: "it needs \(needed) bytes, but claims \(length) in '\(location)'")
    }
    guard needed > 0 else { return Data() }
    let file = try self.file(location)
    guard offset <= file.count, length <= file.count - offset else {
      throw OnnxError(
        id: "onnx-external-truncated",
        message: "its data is \(length) bytes at \(offset) of '\(location)', which ends at \(file.count)")
    }
    return file.dropFirst(offset).prefix(length)
  }

  private func file(_ location: String) throws -> Data {
    lock.lock()
    defer { lock.unlock() }
    if let file = files[location] { return file }
    do {
      let file = try FileAccess.map(URL(fileURLWithPath: directory).appendingPathComponent(location).path)
      files[location] = file
      return file
    } catch let error as TensorDataError {
      throw OnnxError(id: "onnx-external-missing", message: "its data file '\(location)': \(error.message)")
    }
  }

  static func check(location: String) throws {
    let parts = location.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
    // A colon after the first letter is a Windows drive; a NUL would end the path early.
    let isAbsolute = parts.first?.isEmpty ?? true || parts[0].dropFirst().hasPrefix(":")
    let hasNul = location.utf8.contains(0)
    guard !isAbsolute, !hasNul, !parts.contains("..") else {
      throw OnnxError(
        id: "onnx-external-location",
        message: "its data file '\(location)' is not in the model's directory; only relative paths without '..' are "
          + "read")
    }
  }

  private func value(_ key: String, _ entries: [Onnx_StringStringEntryProto]) throws -> String? {
    let values = entries.filter { $0.key == key }.map(\.value)
    guard values.count <= 1 else {
      throw OnnxError(id: "onnx-external-entry", message: "'\(key)' of its external data is given twice")
    }
    return values.first
  }

  private func number(_ key: String, _ entries: [Onnx_StringStringEntryProto]) throws -> Int? {
    guard let text = try value(key, entries) else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw OnnxError(id: "onnx-external-entry", message: "'\(key)' of its external data is not a size: '\(text)'")
    }
    return number
  }
}
