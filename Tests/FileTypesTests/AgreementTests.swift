import Foundation
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
  @Test func everyLabelAgrees() throws {
    let folder = models.appendingPathComponent("type-files")
    let data = try Data(contentsOf: folder.appendingPathComponent("expected.json"))
    let cases = try JSONDecoder().decode([Expected].self, from: data)
    #expect(cases.count == 30)
    #expect(Set(cases.map(\.label)).count == 10)

    let asked = cases.compactMap { item in item.tokens.flatMap { tokens in item.scores.map { (tokens, $0) } }
    }
    let detector = Detector(
      catalogue: try Catalogue(folder: models.appendingPathComponent("magika")),
      classifier: Recorded(answers: Dictionary(asked) { first, _ in first }))
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
    let detector = Detector(
      catalogue: try Catalogue(folder: models.appendingPathComponent("magika")),
      classifier: Recorded(answers: [:]))
    #expect(try detector.detect(path: "/").label == "directory")
    #expect(try detector.detect(path: "/dev/null").label == "unknown")
    #expect(throws: DetectionError.self) { try detector.detect(path: "/no/such/file") }
  }
}
