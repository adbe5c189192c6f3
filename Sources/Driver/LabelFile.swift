import Foundation
import TensorIR

/// The file beside a library or a text that holds the texts of results which are places among texts: JSON, a list for each
/// such result, by its name.
public struct LabelFile: Sendable {
  public var name: String

  /// - Parameter stem: the name of the library, with or without its ending.
  public init(for stem: String) {
    let ending = URL(fileURLWithPath: stem).pathExtension
    let isLibrary = EmittedKind(fileExtension: ending) != nil
    name = (isLibrary ? String(stem.dropLast(ending.count + 1)) : stem) + ".labels.json"
  }

  func write(_ labels: [String: [String]], in directory: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try (encoder.encode(labels) + Data("\n".utf8)).write(to: directory.appendingPathComponent(name))
  }

  /// The texts of the results of the library or text at a path; none where there is no such file beside it.
  public static func labels(beside path: String) throws -> [String: [String]] {
    let file = LabelFile(for: path).name
    guard let bytes = FileManager.default.contents(atPath: file) else { return [:] }
    do { return try JSONDecoder().decode([String: [String]].self, from: bytes) } catch {
      throw Diagnostic("labels", "'\(file)' does not hold a list of texts for each result")
    }
  }
}
