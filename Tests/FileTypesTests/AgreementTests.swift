import Foundation
import TensorDriver
import Testing

@testable import FileTypes

private let models = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent(".models")

/// What the package said of one file; scripts/make_type_files.py writes it.
private struct Expected: Decodable {
  var file: String
  var label: String
  var description: String
  var score: Double
  var tokens: [Int32]?
  var scores: [Float]?
}

/// Answers with the scores that were recorded for the very same tokens.
private struct Recorded: ByteClassifier {
  var answers: [[Int32]: [Float]]

  func classify(bytes: [Int32]) throws -> [Float] {
    struct Unseen: Error {}
    guard let scores = answers[bytes] else { throw Unseen() }
    return scores
  }
}

/// Thirty files of ten types, held to the labels that the model's own package gives.
struct AgreementTests {
  private let folder = models.appendingPathComponent("type-files")

  private func cases() throws -> [Expected] {
    let data = try Data(contentsOf: folder.appendingPathComponent("expected.json"))
    let cases = try JSONDecoder().decode([Expected].self, from: data)
    #expect(cases.count == 30)
    #expect(Set(cases.map(\.label)).count == 10)
    return cases
  }

  private func detector<Classifier>(_ classifier: Classifier) throws -> Detector<Classifier> {
    Detector(
      catalogue: try Catalogue(folder: models.appendingPathComponent("magika")), classifier: classifier)
  }

  @Test func everyLabelOfTheCompiledModelAgrees() throws {
    let model = try ModelLoader.load(models.appendingPathComponent("magika/model.onnx").path)
    let library = try ModelCompiler().library(model.function, named: "magika")
    let detector = try detector(try CompiledClassifier(library: library.path))
    for item in try cases() {
      let found = try detector.detect(
        path: folder.appendingPathComponent("files").appendingPathComponent(item.file).path)
      #expect(found.label == item.label, "\(item.file)")
      // The package computes with another library.
      #expect(abs(found.score - item.score) < 1e-3, "\(item.file)")
    }
  }

  @Test func everyLabelAgrees() throws {
    let cases = try cases()

    let asked = cases.compactMap { item in item.tokens.flatMap { tokens in item.scores.map { (tokens, $0) } }
    }
    let detector = try detector(Recorded(answers: Dictionary(asked) { first, _ in first }))
    for item in cases {
      let path = folder.appendingPathComponent("files").appendingPathComponent(item.file).path
      let features = try detector.features(path)
      if let tokens = item.tokens {
        #expect(features == .tokens(tokens), "\(item.file)")
      } else {
        #expect(features == .settled(label: item.label), "\(item.file)")
      }
      let found = try detector.detect(path: path)
      #expect(found.label == item.label, "\(item.file)")
      #expect(found.description == item.description, "\(item.file)")
      #expect(abs(found.score - item.score) < 1e-6, "\(item.file)")
    }
  }

  @Test func specialPathsNeedNoModel() throws {
    let detector = try detector(Recorded(answers: [:]))
    #expect(try detector.detect(path: "/").label == "directory")
    #expect(try detector.detect(path: "/dev/null").label == "unknown")
    #expect(throws: DetectionError.self) { try detector.detect(path: "/no/such/file") }
  }
}
