import ArgumentParser
import Foundation
import TensorIR
import TensorPasses

/// `tensorc check`
struct CheckCommand: ParsableCommand, Exemplified {
  static let example = "tensorc check Tests/Golden --update"

  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check golden files: their claims, their output, and that the meaning stays.",
    discussion: """
      --update rewrites the output below the marker, unless a claim fails or the evaluator sees the meaning \
      change. A directory stands for the .tir files in it.
      """)

  @Argument(help: ArgumentHelp("Golden files or directories of them.", valueName: "golden"))
  var goldens: [String]

  @Flag(help: "Rewrite outputs that are out of date.")
  var update = false

  @OptionGroup var consoleOptions: ConsoleOptions

  func run() throws {
    var (failures, changed, total) = (0, 0, 0)
    for path in try goldens.flatMap(CheckCommand.files) {
      total += 1
      let before = try? Data(contentsOf: URL(fileURLWithPath: path))
      do {
        let report = try GoldenCheck.run(path: path, update: update)
        if !report.diagnostics.isEmpty {
          failures += 1
          ErrorReport(Diagnostics(report.diagnostics), file: path).show()
        } else if before != (try? Data(contentsOf: URL(fileURLWithPath: path))) {
          changed += 1
          consoleOptions.console.note("updated \(path)")
        }
      } catch {
        failures += 1
        ErrorReport(error, file: path).show()
      }
    }
    if !consoleOptions.quiet {
      let updates = changed > 0 ? ", \(changed) updated" : ""
      consoleOptions.console.result(
        "\(total) goldens: \(total - failures) hold, \(failures) do not\(updates)")
    }
    if failures > 0 { throw Failure() }
  }

  /// A file itself, or the `.tir` files below a directory, in order.
  private static func files(_ path: String) throws -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue
    else {
      return [path]
    }
    let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0.hasSuffix(".tir") }
      .sorted()
    guard !names.isEmpty else { throw UsageError("no-goldens", "there is no .tir file in '\(path)'") }
    return names.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }
}
