import Foundation

/// What the model's own configuration says about its input and about when to believe its answer.
public struct ModelSettings: Decodable, Sendable {
  public var beginning: Int
  public var ending: Int
  public var block: Int
  public var paddingToken: Int32
  public var smallestFile: Int
  public var labels: [String]
  /// The score from which a label is believed, for labels that differ from `usualThreshold`.
  public var thresholds: [String: Double]
  public var usualThreshold: Double
  /// Labels that are reported under another name.
  public var renamed: [String: String]

  private enum CodingKeys: String, CodingKey {
    case beginning = "beg_size"
    case ending = "end_size"
    case block = "block_size"
    case paddingToken = "padding_token"
    case smallestFile = "min_file_size_for_dl"
    case labels = "target_labels_space"
    case thresholds
    case usualThreshold = "medium_confidence_threshold"
    case renamed = "overwrite_map"
  }
}

/// What is known about one content type.
public struct ContentType: Decodable, Sendable {
  public var description: String?
  public var isText: Bool

  private enum CodingKeys: String, CodingKey {
    case description
    case isText = "is_text"
  }
}

/// The model's settings and the content types it speaks of, as read from the two files beside the model.
public struct Catalogue: Sendable {
  public var settings: ModelSettings
  public var types: [String: ContentType]

  public init(settings: ModelSettings, types: [String: ContentType]) {
    self.settings = settings
    self.types = types
  }

  /// Reads `config.json` and `content_types.json` in `folder`.
  public init(folder: URL) throws {
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
      try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(name)))
    }
    self.init(
      settings: try read(ModelSettings.self, "config.json"),
      types: try read([String: ContentType].self, "content_types.json"))
  }

  public func describe(_ label: String) -> String { types[label]?.description ?? label }
}
