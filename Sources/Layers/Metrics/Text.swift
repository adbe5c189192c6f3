import Foundation

/// Edits per word, or per character, from what was found to what was wanted (Levenshtein, 1965).
public struct ErrorRate: Metric {
  public enum Unit: Sendable { case word, character }
  public let unit: Unit
  public var name: String { unit == .word ? "word error rate" : "character error rate" }
  private var edits = 0
  private var length = 0

  public init(_ unit: Unit) { self.unit = unit }
  public var value: Double { length == 0 ? .nan : Double(edits) / Double(length) }
  public mutating func reset() { (edits, length) = (0, 0) }

  public mutating func add(_ found: String, _ wanted: String) {
    func parts(_ text: String) -> [String] {
      unit == .word ? text.split(whereSeparator: \.isWhitespace).map(String.init) : text.map(String.init)
    }
    let (a, b) = (parts(found), parts(wanted))
    edits += distance(a, b)
    length += b.count
  }

  private func distance(_ a: [String], _ b: [String]) -> Int {
    var row = Array(0...b.count)
    for (i, word) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (word == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}

/// BLEU of a corpus (Papineni et al., 2002): the geometric mean of the shares of n-grams, up to four, that the
/// reference has too, times a penalty for what is too short. Without smoothing.
public struct BleuScore: Metric {
  public let name = "BLEU"
  public let longest: Int
  private var matches: [Int]
  private var totals: [Int]
  private var lengths = (found: 0, wanted: 0)

  public init(longest: Int = 4) {
    self.longest = max(longest, 1)
    matches = Array(repeating: 0, count: self.longest)
    totals = matches
  }

  public mutating func reset() { self = BleuScore(longest: longest) }

  public mutating func add(_ found: [String], _ wanted: [String]) {
    lengths.found += found.count
    lengths.wanted += wanted.count
    for size in 1...longest {
      let (a, b) = (grams(found, size), grams(wanted, size))
      matches[size - 1] += a.reduce(0) { $0 + min($1.value, b[$1.key] ?? 0) }
      totals[size - 1] += a.values.reduce(0, +)
    }
  }

  public var value: Double {
    guard lengths.found > 0, !matches.contains(0) else { return 0 }
    let logs = zip(matches, totals).map { log(Double($0) / Double($1)) }
    let penalty = min(0, 1 - Double(lengths.wanted) / Double(lengths.found))
    return exp(penalty + logs.reduce(0, +) / Double(longest))
  }

  private func grams(_ words: [String], _ size: Int) -> [[String]: Int] {
    guard words.count >= size else { return [:] }
    return (0...words.count - size).reduce(into: [:]) { $0[Array(words[$1..<$1 + size]), default: 0] += 1 }
  }
}

/// ROUGE-L (Lin, 2004): the mean F1 of the longest common subsequences.
public struct RougeL: Metric {
  public let name = "ROUGE-L"
  private var sum = 0.0
  private var count = 0

  public init() {}
  public var value: Double { count == 0 ? .nan : sum / Double(count) }
  public mutating func reset() { self = RougeL() }

  public mutating func add(_ found: [String], _ wanted: [String]) {
    var row = Array(repeating: 0, count: wanted.count + 1)
    for word in found {
      var diagonal = 0
      for (j, other) in wanted.enumerated() {
        let above = row[j + 1]
        row[j + 1] = word == other ? diagonal + 1 : max(above, row[j])
        diagonal = above
      }
    }
    let common = 2 * Double(row[wanted.count])
    sum += found.isEmpty && wanted.isEmpty ? 1 : common / Double(found.count + wanted.count)
    count += 1
  }
}
