import ArgumentParser
import Foundation

/// What goes to the terminal: results to standard output, all else to standard error.
struct Console: Sendable {
  var isQuiet = false
  var isVerbose = false

  /// Whether colours may be used on standard error.
  static var hasColors: Bool {
    isatty(STDERR_FILENO) == 1 && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
      && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// A result.
  func result(_ text: String) { print(text) }

  /// What a user wants to know unless they asked for quiet.
  func note(_ text: String) { if !isQuiet { Console.error(text) } }

  /// What only a curious user wants to know.
  func detail(_ text: String) { if isVerbose { Console.error(text) } }

  /// Names the step that runs now: a line of its own when verbose, one changing line on a terminal, else nothing.
  func progress(_ step: String) {
    if isVerbose {
      Console.error("  \(step)")
    } else if !isQuiet && isatty(STDERR_FILENO) == 1 {
      Console.write("\r\u{1B}[K  \(step) …")
    }
  }

  /// Takes the changing line away.
  func endProgress() {
    if !isVerbose && !isQuiet && isatty(STDERR_FILENO) == 1 { Console.write("\r\u{1B}[K") }
  }

  /// What is amiss with a file and no reason to stop.
  static func warn(_ warnings: [String], of file: String) {
    for warning in warnings { error("\(file): warning: \(warning)") }
  }

  static func error(_ text: String) { write(text + "\n") }

  /// Where even this cannot be written, nobody is left to tell.
  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Hands on what is still buffered; false where it cannot be written, as on a full disk.
  static func flush() -> Bool { fflush(nil) == 0 }
}

/// `--quiet` and `--verbose`.
struct ConsoleOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Print results and errors only.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Print each step.")
  var verbose = false

  var console: Console { Console(isQuiet: quiet, isVerbose: verbose) }

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }
}

/// Numbers for people.
enum Readable {
  /// `1.5 MB`
  static func bytes(_ count: Int) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"]
    var (value, unit) = (Double(count), 0)
    while value >= 1000 && unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return unit == 0 ? "\(count) B" : "\(fixed(value, value < 10 ? 2 : 1)) \(units[unit])"
  }

  /// `1,234,567`
  static func count(_ value: Int) -> String {
    var (digits, result) = (Array(String(value.magnitude)), "")
    while digits.count > 3 {
      result = "," + String(digits.suffix(3)) + result
      digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + String(digits) + result
  }

  /// With so many digits behind the point.
  static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  /// With three digits that count: `1.25e-05`, `0.125`.
  static func short(_ value: Double) -> String { String(format: "%.3g", value) }

  /// Columns padded to the same width.
  static func table(_ rows: [[String]], indent: String = "  ") -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column -> Int in
      rows.map { row -> Int in column < row.count - 1 ? row[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { index, cell -> String in
        let missing = index == row.count - 1 ? 0 : widths[index] - cell.count
        return cell + String(repeating: " ", count: missing)
      }
      return indent + cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
