import Foundation
import TensorCodegenC
import TensorIR

/// Files that appear together or not at all: made in a directory beside their places, then renamed into them.
public struct OutputPlace: Sendable {
  /// Where the files are made.
  public var staging: URL { scratch.url }
  /// The directory that they are renamed into.
  public var path: String { directory.standardizedFileURL.path }
  private let scratch: ScratchDirectory
  private let directory: URL

  /// Makes the directory of `path`, its parents, and the one for staging.
  ///
  /// - Throws: a `Diagnostic` where that is impossible.
  public init(for path: String) throws {
    directory = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      scratch = try ScratchDirectory(in: directory)
    } catch {
      throw Diagnostic(
        "output-unwritable",
        "the directory '\(directory.relativePath)' cannot be written to: \(OutputPlace.reason(error))")
    }
  }

  /// Puts the files of the staging directory in place, and gives their paths. Call ``discard()`` in any case.
  public func publish(_ names: [String]) throws -> [URL] {
    for name in names where isDirectory(directory.appendingPathComponent(name)) {
      throw Diagnostic("output-unwritable", "'\(name)' cannot be written: a directory of that name is there")
    }
    return try names.map { name in
      let place = directory.appendingPathComponent(name)
      guard rename(staging.appendingPathComponent(name).path, place.path) == 0 else {
        throw Diagnostic(
          "output-unwritable",
          "'\(place.relativePath)' cannot be written: \(String(cString: strerror(errno)))")
      }
      return place
    }
  }

  /// Removes what was not published.
  public func discard() { scratch.remove() }

  private func isDirectory(_ url: URL) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }

  /// Writes one file, whole or not at all.
  public static func write(_ data: Data, to path: String) throws {
    let place = try OutputPlace(for: path)
    defer { place.discard() }
    let name = URL(fileURLWithPath: path).lastPathComponent
    do {
      try data.write(to: place.staging.appendingPathComponent(name))
    } catch {
      throw Diagnostic("output-unwritable", "'\(path)' cannot be written: \(reason(error))")
    }
    _ = try place.publish([name])
  }

  /// Whether an error is the system's, such as a full disk, and none of ours.
  static func isSystemError(_ error: any Error) -> Bool { SystemError.isOne(error) }

  /// The system's word for why a file could not be written.
  public static func reason(_ error: any Error) -> String { SystemError.reason(error) }
}
