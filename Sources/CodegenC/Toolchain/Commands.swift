import Foundation

/// A program to run with its arguments; no shell is involved, so nothing needs quoting.
struct Command {
  var executable: String
  var arguments: [String]
  /// Where it runs.
  var directory = URL(fileURLWithPath: "/")
  /// Changes to the environment; nil removes a variable.
  var environment: [String: String?] = [:]

  /// How a command ended.
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    var succeeded: Bool { status == 0 }
  }

  /// Runs it and waits.
  func run() throws -> Outcome { try Command.run([self], atOnce: 1)[0] }

  /// Runs several, at most `atOnce` at a time; outcomes are in the order of the commands.
  static func run(_ commands: [Command], atOnce: Int) throws -> [Outcome] {
    var running: [(index: Int, started: Started)] = []
    var outcomes = [Outcome?](repeating: nil, count: commands.count)
    for (index, command) in commands.enumerated() {
      if running.count >= max(atOnce, 1) {
        let first = running.removeFirst()
        outcomes[first.index] = first.started.wait()
      }
      running.append((index, try command.start()))
    }
    for (index, started) in running { outcomes[index] = started.wait() }
    return outcomes.compactMap { $0 }
  }

  private struct Started {
    let process: Process
    let output: URL
    let errors: URL

    func wait() -> Outcome {
      process.waitUntilExit()
      defer {
        try? FileManager.default.removeItem(at: output)
        try? FileManager.default.removeItem(at: errors)
      }
      let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
      return Outcome(status: status, output: Started.text(output), errors: Started.text(errors))
    }

    private static func text(_ url: URL) -> String {
      String(decoding: (try? Data(contentsOf: url)) ?? Data(), as: UTF8.self)
    }
  }

  /// Output goes to files rather than pipes: however much there is, nobody blocks.
  private func start() throws -> Started {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = directory
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    let stem = directory.appendingPathComponent(".\(UUID().uuidString)")
    let (output, errors) = (stem.appendingPathExtension("out"), stem.appendingPathExtension("err"))
    for url in [output, errors] where !FileManager.default.createFile(atPath: url.path, contents: nil) {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: url.path])
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.runTakingSignals()
    return Started(process: process, output: output, errors: errors)
  }
}

extension Process {
  /// Starts the process with no signal blocked. Threads of a dispatch queue block nearly all, and what they start would inherit
  /// that: it could not be interrupted, and a shell would never hear of its children's end.
  public func runTakingSignals() throws {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try run()
  }
}
