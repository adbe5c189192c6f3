import Foundation
import TensorCodegenC
import TensorData
import TensorDriver
import TensorIR
import TensorONNX
import TensorPasses
import TensorRuntime

/// How the command ends.
enum Exit {
  static let success: Int32 = 0
  /// The model, the data or a comparison is at fault.
  static let fault: Int32 = 1
  static let usage: Int32 = 2
  static let toolchain: Int32 = 3
}

/// A mistake in how the command was called.
struct UsageError: Error {
  var id: String
  var message: String

  init(_ id: String, _ message: String) {
    self.id = id
    self.message = message
  }
}

/// A result that is no error but makes the command fail: what it had to say has been said.
struct Failure: Error {}

/// An error about a file that the error itself does not name.
struct FileError: Error {
  var file: String
  var underlying: any Error
}

/// Runs `body`; errors that name no place get the file's name.
func about<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as FileError { throw error } catch {
    throw FileError(file: file, underlying: error)
  }
}

/// Any error as lines for standard error, one for each, and the code to exit with.
struct ErrorReport {
  var lines: [String]
  var code: Int32 = Exit.fault
  /// Nobody reads more at once.
  private static let mostErrors = 40

  init(_ error: any Error, file: String? = nil) {
    switch error {
    case let error as FileError: self = ErrorReport(error.underlying, file: error.file)
    case is Failure: lines = []
    case let error as UsageError:
      lines = ["tensorc: error: \(error.message) [\(error.id)]"]
      code = Exit.usage
    case let error as ToolchainMissing:
      lines = ["tensorc: \(error)"]
      code = Exit.toolchain
    case let error as ReferenceMissing:
      lines = ["tensorc: \(error)"]
      code = Exit.toolchain
    case let error as Diagnostics: lines = error.list.map { ErrorReport.line($0, file) }
    case let error as Diagnostic: lines = [ErrorReport.line(error, file)]
    case let error as VerificationError: lines = error.diagnostics.map { ErrorReport.line($0, file) }
    case let error as OnnxError:
      lines = [error.file == nil ? "\(file ?? "tensorc"): \(error)" : error.description]
    case let error as OnnxErrors:
      lines = error.list.prefix(ErrorReport.mostErrors).flatMap { ErrorReport($0, file: file).lines }
      if error.list.count > ErrorReport.mostErrors {
        let rest = error.list.count - ErrorReport.mostErrors
        lines.append("\(file ?? "tensorc"): error: and \(rest) more, which are not shown [more-errors]")
      }
    case let error as BrokenFunction:
      lines = [
        "\(file ?? "tensorc"): error: \(error.description), which is a bug of tensorc: please report it [internal]"
      ]
    case let error as BrokenProgram:
      lines = ["\(file ?? "tensorc"): error: \(error.description) [internal]"]
    case let error as TensorDataError:
      lines = [error.file == nil ? "\(file ?? "tensorc"): \(error)" : error.description]
    case let error as InputError: lines = [error.description]
    case let error as RuntimeError: lines = ["\(file ?? "tensorc"): \(error)"]
    case let error as CompilationFailure: lines = ["tensorc: \(error)"]
    default: lines = ["\(file ?? "tensorc"): error: \(OutputPlace.reason(error)) [system]"]
    }
  }

  private static func line(_ diagnostic: Diagnostic, _ file: String?) -> String {
    if case .source = diagnostic.location { return diagnostic.description }
    return "\(file ?? "tensorc"): \(diagnostic)"
  }

  /// Prints the lines, the word `error` in red where that helps.
  func show() {
    for line in lines {
      let text =
        Console.hasColors
        ? line.replacingOccurrences(of: "error:", with: "\u{1B}[1;31merror:\u{1B}[0m") : line
      Console.error(text)
    }
  }
}
