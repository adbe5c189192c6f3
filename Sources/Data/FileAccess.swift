import Foundation

/// Reading and writing whole files: mapped when read, never half there when written.
public enum FileAccess {
  /// The contents of the regular file at `path`, mapped rather than read, so that it takes address space and not
  /// memory. A mapped file must not be truncated while it is in use.
  /// - Throws: `TensorDataError` when there is no such file, it cannot be read, or it is a directory, pipe or device.
  public static func map(_ path: String) throws -> Data {
    let url = URL(fileURLWithPath: path)
    let attributes: [FileAttributeKey: Any]
    do {
      // Links are followed first: model hubs keep every file as a link into a store.
      attributes = try FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
    } catch {
      throw TensorDataError(id: "file-unreadable", message: "there is no such file, or no access to it", file: path)
    }
    // A pipe would block and a device might never end.
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw TensorDataError(id: "file-not-regular", message: "this is not a regular file", file: path)
    }
    if (attributes[.size] as? NSNumber)?.intValue == 0 { return Data() }
    do {
      return try Data(contentsOf: url, options: .alwaysMapped)
    } catch {
      throw TensorDataError(
        id: "file-unreadable", message: "the file cannot be read: \(error.localizedDescription)", file: path)
    }
  }

  /// Writes `parts` one after the other to `path`. The file appears complete or not at all: it is written beside its
  /// place and renamed into it, which replaces what was there.
  /// - Throws: `TensorDataError` when the file cannot be written; nothing is left behind then.
  public static func write(_ parts: [Data], to path: String) throws {
    let target = URL(fileURLWithPath: path)
    let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
    let beside = target.deletingLastPathComponent()
      .appendingPathComponent(".\(target.lastPathComponent).\(suffix)")
    do {
      try Data().write(to: beside, options: .withoutOverwriting)
      let handle = try FileHandle(forWritingTo: beside)
      defer { try? handle.close() }
      for part in parts { try handle.write(contentsOf: part) }
      guard rename(beside.path, target.path) == 0 else {
        let reason = String(cString: strerror(errno))
        throw TensorDataError(id: "file-unwritable", message: "the file cannot be put in place: \(reason)", file: path)
      }
    } catch {
      try? FileManager.default.removeItem(at: beside)
      if let error = error as? TensorDataError { throw error }
      throw TensorDataError(
        id: "file-unwritable", message: "the file cannot be written: \(error.localizedDescription)", file: path)
    }
  }
}
