import ArgumentParser
import Foundation

// A write beyond a limit of file sizes shall be an error like any other, not the end of the process.
signal(SIGXFSZ, SIG_IGN)

/// Runs the command line and gives the exit code.
func runCommand() -> Int32 {
  do {
    try Spelling.check(Array(CommandLine.arguments.dropFirst()))
    var command = try Tensorc.parseAsRoot()
    try command.run()
    return Exit.success
  } catch {
    // Requests for help and versions come as errors that are none.
    if Tensorc.exitCode(for: error) == .success {
      Console().result(Tensorc.withExample(Tensorc.fullMessage(for: error)))
      return Exit.success
    }
    if Tensorc.exitCode(for: error) == .validationFailure {
      // A misspelt option comes first: what else is missing may be what it was to say.
      let misspelt = Spelling.misspeltOption(CommandLine.arguments.dropFirst())
      Console.error("tensorc: error: " + (misspelt ?? "\(Tensorc.message(for: error)) [usage]"))
      // The first line repeats the message.
      let rest = Tensorc.fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false)
        .drop { !$0.hasPrefix("Usage:") && (misspelt != nil || !$0.hasPrefix("Help:")) }
      if !rest.isEmpty { Console.error(rest.joined(separator: "\n")) }
      return Exit.usage
    }
    let report = ErrorReport(error)
    Console().endProgress()
    report.show()
    return report.code
  }
}

let code = runCommand()
if !Console.flush() {
  Console.error(
    "tensorc: error: standard output cannot be written to: \(String(cString: strerror(errno))) [output-unwritable]"
  )
  exit(max(code, Exit.fault))
}
exit(code)
