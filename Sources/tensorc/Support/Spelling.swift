import ArgumentParser
import TensorDriver

/// Answers to a first word that is no subcommand, and to options that a subcommand does not have.
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

  /// What to say of the first option that the subcommand does not have and that is near to one that it has.
  static func misspeltOption(_ arguments: ArraySlice<String>) -> String? {
    guard
      let command = Tensorc.configuration.subcommands.first(where: { $0.configuration.commandName == arguments.first })
    else {
      return nil
    }
    let options = options(of: command)
    for argument in arguments.dropFirst().prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
      let option = String(argument.prefix { $0 != "=" })
      guard !options.contains(option), let near = nearest(to: option, among: options) else { continue }
      return
        "'\(command.configuration.commandName ?? "")' has no option '\(option)': did you mean '\(near)'? [unknown-option]"
    }
    return nil
  }

  /// The long options of a subcommand, as its help lists them.
  private static func options(of command: any ParsableCommand.Type) -> [String] {
    Tensorc.helpMessage(for: command).split(separator: "\n").flatMap { line -> [String] in
      let words = line.split(separator: " ").prefix { $0.hasPrefix("-") }
      return words.map { String($0.prefix { $0 != "," }) }.filter { $0.hasPrefix("--") }
    }
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
