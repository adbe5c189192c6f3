import ArgumentParser

/// A subcommand with an example that works, which its help ends with.
protocol Exemplified: ParsableCommand {
  static var example: String { get }
}

extension Tensorc {
  /// A help screen with the example of the command that it is about, which its usage line names.
  static func withExample(_ text: String) -> String {
    guard let start = text.firstRange(of: "USAGE: ") else { return text }
    let words = text[start.upperBound...].prefix { !$0.isNewline }.split(separator: " ").dropFirst().map(
      String.init)
    let commands = configuration.subcommands.compactMap { $0 as? any Exemplified.Type }
    let command = commands.first { $0.configuration.commandName == words.first } ?? Tensorc.self
    let body = text.reversed().drop { $0.isNewline }.reversed()
    return String(body) + "\n\nEXAMPLE:\n  \(command.example)"
  }
}
