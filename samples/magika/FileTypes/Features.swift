/// What there is to say about a file's bytes before any model has seen them.
public enum Features: Equatable, Sendable {
  /// The model's input: the beginning, then the ending.
  case tokens([Int32])
  /// Too short for the model; the label is already known.
  case settled(label: String)
}

extension ModelSettings {
  /// The features of a file of `size` bytes.
  ///
  /// - Parameters:
  ///   - size: the length of the file
  ///   - head: its first `min(size, block)` bytes
  ///   - tail: its last `min(size, block)` bytes
  public func features(size: Int, head: [UInt8], tail: [UInt8]) -> Features {
    if size == 0 { return .settled(label: "empty") }
    if size < smallestFile { return .settled(label: Self.labelOfFewBytes(head)) }
    let start = beginningTokens(head)
    // Blanks do not count: a file that is short once they are gone is judged by its bytes alone.
    if start[smallestFile - 1] == paddingToken { return .settled(label: Self.labelOfFewBytes(head)) }
    return .tokens(start + endingTokens(tail))
  }

  /// The first bytes after leading blanks, padded at the end.
  func beginningTokens(_ head: [UInt8]) -> [Int32] {
    let bytes = head.drop(while: Self.isBlank).prefix(beginning)
    return bytes.map(Int32.init) + padding(beginning - bytes.count)
  }

  /// The last bytes before trailing blanks, padded at the start.
  func endingTokens(_ tail: [UInt8]) -> [Int32] {
    let end = tail.lastIndex { !Self.isBlank($0) }.map { $0 + 1 } ?? 0
    let bytes = tail[..<end].suffix(ending)
    return padding(ending - bytes.count) + bytes.map(Int32.init)
  }

  private func padding(_ count: Int) -> [Int32] { Array(repeating: paddingToken, count: count) }

  /// Space, tab, line feed, vertical tab, form feed, carriage return.
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  static func labelOfFewBytes(_ bytes: [UInt8]) -> String {
    String(validating: bytes, as: UTF8.self) == nil ? "unknown" : "txt"
  }
}

extension Catalogue {
  /// The label to report for the model's scores, and the score behind it. Of equal scores the first wins.
  public func verdict(scores: [Float]) -> (label: String, score: Double) {
    precondition(scores.count == settings.labels.count, "one score is needed for each label")
    let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    let guess = settings.labels[best]
    let score = Double(scores[best])
    let label = settings.renamed[guess] ?? guess
    if score >= settings.thresholds[guess] ?? settings.usualThreshold { return (label, score) }
    return (types[label]?.isText == true ? "txt" : "unknown", score)
  }
}
