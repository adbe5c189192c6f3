import Foundation
import TensorCodegenC
import TensorData
import Testing

/// A directory for one test in which the built `tensorc` runs; removed at the end.
final class Workplace: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("tensorc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The binary that was built with these tests: beside the bundle that holds them.
  static let binary: String = {
    var directory = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    for candidate in [Bundle.main.bundleURL, directory] {
      directory = candidate
      for _ in 0..<4 {
        directory = directory.deletingLastPathComponent()
        let path = directory.appendingPathComponent("tensorc").path
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
          return path
        }
      }
    }
    return "tensorc"
  }()

  /// Libraries compiled by one test are found by the next.
  private static let cache = FileManager.default.temporaryDirectory.appendingPathComponent(
    "tensorc-test-cache"
  ).path

  struct Outcome {
    /// The exit code; -1 if the process did not end by itself or in time.
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs `tensorc` with arguments in the directory.
  func tensorc(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try execute(Workplace.binary, arguments, environment)
  }

  /// Runs a line of shell in the directory, in which `$TENSORC` is the command.
  func shell(_ line: String) throws -> Outcome { try execute("/bin/sh", ["-c", line], [:]) }

  func execute(
    _ executable: String, _ arguments: [String], _ environment: [String: String], seconds: Double = 120
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = url
    var variables = ProcessInfo.processInfo.environment
    variables["XDG_CACHE_HOME"] = Workplace.cache
    variables["TENSORC"] = Workplace.binary
    process.environment = variables.merging(environment) { _, new in new }
    // Files, not pipes: whatever is printed, nobody waits for a reader.
    let stem = url.appendingPathComponent(".\(UUID().uuidString)")
    let files = [stem.appendingPathExtension("out"), stem.appendingPathExtension("err")]
    for file in files { try Data().write(to: file) }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.runTakingSignals()
    let deadline = Date().addingTimeInterval(seconds)
    while process.isRunning && Date() < deadline { usleep(2000) }
    let isLate = process.isRunning
    if isLate { process.terminate() }
    process.waitUntilExit()
    let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    let isNormal = process.terminationReason == .exit && !isLate
    return Outcome(status: isNormal ? process.terminationStatus : -1, output: texts[0], errors: texts[1])
  }

  // MARK: Files

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  func write(_ data: Data, _ name: String) throws { try data.write(to: url.appendingPathComponent(name)) }

  /// Writes a data directory of f32 tensors.
  func data(_ name: String, inputs: [[Float]], outputs: [[Float]] = [], shape: [Int]) throws {
    for (stem, tensors) in [("input", inputs), ("output", outputs)] {
      let tensors = try tensors.map { try HostTensor(type: .f32, shape: shape, elements: $0) }
      try DataDirectory.write(tensors, as: stem, in: url.appendingPathComponent(name).path)
    }
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: url.appendingPathComponent(name).path)
  }

  /// The names below a directory, hidden ones too.
  func names(_ directory: String = ".") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.appendingPathComponent(directory).path)) ?? [])
      .sorted()
  }

  /// A workplace with `add.tir` and data for it.
  static func withAddition() throws -> Workplace {
    let place = try Workplace()
    try place.write(
      """
      func @add(%x: f32[n, 2], %y: f32[n, 2]) -> (%sum: f32[n, 2]) {
        %s = add %x, %y : f32[n, 2]
        return %s
      }
      """, "add.tir")
    try place.data(
      "data", inputs: [[1, 2, 3, 4], [10, 20, 30, .nan]], outputs: [[11, 22, 33, .nan]], shape: [2, 2])
    return place
  }
}

/// Expects an exit code, and one line of an error with an identifier.
func expect(
  _ outcome: Workplace.Outcome, fails status: Int32, _ id: String, _ words: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
  let line = outcome.errors.split(separator: "\n").first { $0.contains("error:") && $0.hasSuffix("[\(id)]") }
  #expect(line != nil, "\(outcome)", sourceLocation: sourceLocation)
  for word in words { #expect(line?.contains(word) == true, "\(outcome)", sourceLocation: sourceLocation) }
}
