import Foundation
import TensorIR

/// What was found to be faster for a model than the rules' numbers, as a file for version control: JSON with a line for each choice.
public struct TuningFile: Codable, Hashable, Sendable {
  /// The target that was measured.
  public var target: String
  /// By the name of a `Tuning.Choice`.
  public var choices: [String: Int]

  public init(target: String, choices: [String: Int]) {
    self.target = target
    self.choices = choices
  }

  /// Reads a file.
  ///
  /// - Throws: a `Diagnostic` `tuning-file` where it cannot be read or has choices that there are not.
  public init(path: String) throws {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw Diagnostic("tuning-file", "'\(path)' cannot be read: \(OutputPlace.reason(error))")
    }
    do { self = try JSONDecoder().decode(TuningFile.self, from: data) } catch {
      throw Diagnostic(
        "tuning-file", "'\(path)' is not a tuning file: name another, or one that does not exist yet, to be measured")
    }
    for (name, value) in choices.sorted(by: { $0.key < $1.key }) {
      guard let choice = Tuning.choices.first(where: { $0.name == name }) else {
        let names = Tuning.choices.map(\.name).joined(separator: ", ")
        throw Diagnostic("tuning-file", "'\(path)' names an unknown choice '\(name)'; the choices are \(names)")
      }
      guard choice.candidates.contains(value) else {
        let values = choice.candidates.map(String.init).joined(separator: ", ")
        throw Diagnostic("tuning-file", "'\(path)' has \(value) for '\(name)', which may be \(values)")
      }
    }
  }

  /// Writes a file, whole or not at all.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try OutputPlace.write(try encoder.encode(self) + Data("\n".utf8), to: path)
  }

  /// Puts the choices into a target's numbers.
  public func apply(to tuning: inout Tuning) {
    for choice in Tuning.choices { if let value = choices[choice.name] { tuning[choice] = value } }
  }
}
