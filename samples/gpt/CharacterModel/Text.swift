import Foundation
import TensorTraining

/// A text as tokens: one number for each of its characters.
public struct Text {
  public let tokens: [Int64]
  public let vocabulary: [Character]

  public init(_ text: String) {
    vocabulary = Set(text).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, Int64($0)) })
    tokens = text.compactMap { numbers[$0] }
  }

  /// A text file.
  public init(file path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw TrainingError("there is no file '\(path)'")
    }
    self.init(String(decoding: data, as: UTF8.self))
  }

  /// The King James Bible, a verse to a line, as the program `bible` of the Debian package bible-kjv prints it.
  public static func kingJames() throws -> Text {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["bible", "-f", "Gen1:1-Rev22:21"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw TrainingError("there is no program 'bible': install the package bible-kjv, or pass --text FILE")
    }
    // Each line begins with its place, `Ge1:1`.
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    return Text(lines.map { $0.drop { $0 != " " }.dropFirst() }.joined(separator: "\n"))
  }

  /// The tokens before a share of them, and those behind.
  public func split(_ share: Double) -> (training: [Int64], validation: [Int64]) {
    let first = Int(Double(tokens.count) * share)
    return (Array(tokens.prefix(first)), Array(tokens.dropFirst(first)))
  }
}

/// Writes text that a model has learnt to, a character after the other.
public struct Writer {
  private let model: CharacterModel
  private let vocabulary: [Character]
  private let length: Int
  private let next: CompiledFunction<Tensor, CharacterModel, Tensor>

  /// - Parameter length: the most characters that the model sees.
  public init(_ model: CharacterModel, _ vocabulary: [Character], length: Int) throws {
    (self.model, self.vocabulary, self.length) = (model, vocabulary, length)
    next = try compile(model, TensorType.i64(1, "steps"), name: "next") { model, tokens in
      let logits = model(tokens, .inference)
      let last = tokens.shape[1] - 1
      return logits.sliced(axis: 1, start: last, size: 1).squeezed(axes: [0, 1])
    }
  }

  /// - Parameter temperature: below 1 the likelier characters are drawn oftener than the model says.
  public func text(after start: String, count: Int, temperature: Double = 0.8, seed: UInt64) throws -> String {
    var random = RandomNumbers(seed: seed)
    let numbers = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, Int64($0)) })
    var tokens = start.compactMap { numbers[$0] }
    if tokens.isEmpty { tokens = [0] }
    for _ in 0..<count {
      let seen = Array(tokens.suffix(length))
      let logits = try next(model, Tensor(of: seen, shape: [1, seen.count])).array(of: Float.self)
      let most = Double(logits.max() ?? 0)
      let weights = logits.map { exp((Double($0) - most) / temperature) }
      var rest = try random.uniform([], in: 0..<weights.reduce(0, +), .f64).item()
      let place = weights.firstIndex { weight in
        rest -= weight
        return rest < 0
      }
      tokens.append(Int64(place ?? weights.count - 1))
    }
    return String(tokens.map { vocabulary[Int($0)] })
  }
}
