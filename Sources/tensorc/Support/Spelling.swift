import ArgumentParser
import TensorDriver

/// Answers to a first word that is no subcommand. (The argument parser answers some misspelt options.)
enum Spelling {
  /// - Throws: a ``UsageError`` that names the nearest subcommand.
  static func check(_ arguments: [String]) throws {
    guard let word = arguments.first else { return }
    guard !word.hasPrefix("-") else {
      let own = ["--help", "--version"]
      guard word.hasPrefix("--"), !own.contains(word), let near = nearest(to: word, among: own) else { return }
      throw UsageError("unknown-option", "there is no option '\(word)': did you mean '\(near)'?")
    }
    let names = Tensorc.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !names.contains(word), word != "help" else { return }
    if ModelLoader.kind(of: word) != nil {
      throw UsageError(
        "unknown-subcommand",
        "'\(word)' is a model, and no subcommand: did you mean 'tensorc compile "
          + "\(Describe.argument(word)) -o OUT'?")
    }
    let answer =
      nearest(to: word, among: names).map { "did you mean '\($0)'?" } ?? "there are \(names.joined(separator: ", "))"
    throw UsageError("unknown-subcommand", "there is no subcommand '\(word)': \(answer)")
  }

  /// The candidate at the least distance, where it is near enough to be meant.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let word = word.lowercased()
    // A beginning is meant more surely than what differs inside.
    if word.utf8.count >= 2, let longer = candidates.first(where: { $0.hasPrefix(word) }) { return longer }
    return candidates.map { ($0, distance($0, word)) }
      .filter { $0.1 <= max(1, min(3, word.utf8.count / 2)) }
      .min { $0.1 < $1.1 }?.0
  }

  /// How many letters are to be put in, taken out, replaced, or swapped with their neighbour.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var rows = [[Int](repeating: 0, count: b.count + 1), Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[1][j] + (a[i] == b[j] ? 0 : 1), rows[1][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[0][j - 1] + 1) }
        row.append(best)
      }
      rows = [rows[1], row]
    }
    return rows[1][b.count]
  }
}
