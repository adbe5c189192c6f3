import Foundation

/// The model: 2048 tokens in, one score for each label out.
public protocol ByteClassifier {
  func classify(bytes: [Int32]) throws -> [Float]
}

public struct Detection: Equatable, Sendable {
  public var path: String
  public var label: String
  public var description: String
  public var score: Double
  /// From opening the file to the label.
  public var milliseconds: Double
}

public enum DetectionError: Error, CustomStringConvertible {
  case missing(String)
  case unreadable(String)

  public var description: String {
    switch self {
    case .missing(let path): "\(path): no such file"
    case .unreadable(let path): "\(path): cannot be read"
    }
  }
}

/// Tells what kind of content files hold.
public struct Detector<Classifier: ByteClassifier> {
  public let catalogue: Catalogue
  public let classifier: Classifier

  public init(catalogue: Catalogue, classifier: Classifier) {
    self.catalogue = catalogue
    self.classifier = classifier
  }

  public func detect(path: String) throws -> Detection {
    let clock = ContinuousClock()
    let start = clock.now
    let (label, score) = try judge(path)
    let spent = start.duration(to: clock.now)
    return Detection(
      path: path, label: label, description: catalogue.describe(label), score: score,
      milliseconds: spent / .milliseconds(1))
  }

  private func judge(_ path: String) throws -> (label: String, score: Double) {
    switch try features(path) {
    case .settled(let label): (label, 1)
    case .tokens(let tokens): catalogue.verdict(scores: try classifier.classify(bytes: tokens))
    }
  }

  /// Reads the two ends of a file. A link counts as what it leads to.
  func features(_ path: String) throws -> Features {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: target.path, isDirectory: &isFolder) else {
      throw DetectionError.missing(path)
    }
    if isFolder.boolValue { return .settled(label: "directory") }
    let kind = try FileManager.default.attributesOfItem(atPath: target.path)[.type] as? FileAttributeType
    guard kind == .typeRegular else { return .settled(label: "unknown") }
    do {
      let file = try FileHandle(forReadingFrom: target)
      defer { try? file.close() }
      let size = Int(try file.seekToEnd())
      let count = min(size, catalogue.settings.block)
      func read(at offset: Int) throws -> [UInt8] {
        try file.seek(toOffset: UInt64(offset))
        return [UInt8](try file.read(upToCount: count) ?? Data())
      }
      let head = try read(at: 0)
      return catalogue.settings.features(size: size, head: head, tail: try read(at: size - count))
    } catch {
      throw DetectionError.unreadable(path)
    }
  }
}
