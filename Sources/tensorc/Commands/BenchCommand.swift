import ArgumentParser
import Foundation
import TensorData
import TensorDriver

/// `tensorc bench`
struct BenchCommand: ParsableCommand, Exemplified {
  static let example = "tensorc bench model.onnx --data test_data_set_0 --threads 2 --json"

  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure how long a model takes.",
    discussion: """
      Without --data, inputs are made: numbers from a seed, symbols 1 on a first axis and 64 elsewhere, within their \
      limits; --dim chooses others. Inputs are bound beforehand and the first runs are not counted. load_ms is from opening the library \
      to the end of its first run.
      """)

  @OptionGroup var session: SessionOptions

  @Option(help: ArgumentHelp("The directory with the inputs; without it they are made.", valueName: "dir"))
  var data: String?

  @Option(help: "How many runs to measure; by default about two seconds of them.")
  var runs: Int?

  @Flag(help: "End with one line of JSON.")
  var json = false

  func validate() throws {
    if let runs, runs < 1 { throw ValidationError("--runs takes a number of at least 1") }
  }

  func run() throws {
    let (opened, tensors) = try session.open(data.flatMap { try DataFiles.directories($0).first })
    let context = opened.runner.context
    var result = BenchResult()
    try about(session.subject) {
      try opened.runner.setInputs(tensors)
      try context.run()
      result.load_ms = (ContinuousClock.now - opened.loadStart).milliseconds
      try measure(context.run, &result)
    }
    result.compile_ms = opened.compileTime.milliseconds
    result.compile_cached = opened.wasCached
    result.threads = context.threads
    result.workspace_bytes = context.workspaceByteCount
    result.code_bytes = LibrarySize.code(of: opened.file)
    result.library_bytes = LibrarySize.file(opened.file)
    session.console.result(([result.table] + [opened.note].compactMap { $0 }).joined(separator: "\n"))
    if json { session.console.result(try JSONLine.text(result)) }
  }

  /// The time after which a measurement is long enough, and that before which the processor's clock is still rising.
  private static let enough = Duration.seconds(2)
  private static let warmUp = Duration.milliseconds(300)

  private func measure(_ body: () throws -> Void, _ result: inout BenchResult) throws {
    let start = ContinuousClock.now
    var count = 0
    while count < 2 || (ContinuousClock.now - start < BenchCommand.warmUp && count < 1000) {
      try body()
      count += 1
    }
    var times: [Double] = []
    let begin = ContinuousClock.now
    while times.count < runs ?? 100_000 {
      if runs == nil, times.count >= 5, ContinuousClock.now - begin > BenchCommand.enough { break }
      let before = ContinuousClock.now
      try body()
      times.append((ContinuousClock.now - before).milliseconds)
    }
    times.sort()
    let middle = times.count / 2
    result.runs = times.count
    result.min_ms = times[0]
    result.median_ms = times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    result.p90_ms = times[min(times.count * 9 / 10, times.count - 1)]
  }
}

/// The figures; their names are those of the JSON.
struct BenchResult: Encodable {
  var median_ms = 0.0
  var min_ms = 0.0
  var p90_ms = 0.0
  var load_ms = 0.0
  var compile_ms = 0.0
  var compile_cached = false
  var runs = 0
  var threads = 0
  var workspace_bytes = 0
  var code_bytes = 0
  var library_bytes = 0

  var table: String {
    Readable.table([
      ["median", "\(Readable.fixed(median_ms, 3)) ms"],
      ["min", "\(Readable.fixed(min_ms, 3)) ms"],
      ["90 % under", "\(Readable.fixed(p90_ms, 3)) ms"],
      ["load", "\(Readable.fixed(load_ms, 2)) ms to the end of the first run"],
      ["compile", "\(Readable.fixed(compile_ms, 0)) ms" + (compile_cached ? " (from the cache)" : "")],
      ["runs", "\(runs), with at most \(threads) threads"],
      ["workspace", Readable.bytes(workspace_bytes)],
      ["library", "\(Readable.bytes(library_bytes)), of which code \(Readable.bytes(code_bytes))"],
    ])
  }
}
