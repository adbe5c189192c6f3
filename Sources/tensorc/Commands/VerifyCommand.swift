import ArgumentParser
import Foundation
import TensorData
import TensorDriver
import TensorONNX

/// `tensorc verify`
struct VerifyCommand: ParsableCommand, Exemplified {
  static let example = "tensorc verify model.onnx --data test_data_set_0 --rtol 1e-4"

  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compare what a model computes with expected outputs.",
    discussion: """
      DIR holds input_0.npy, …, output_0.npy, … (or .pb), or several such directories called \
      test_data_set_0, … Types and shapes must be equal, floats within atol + rtol × |expected|, integers and \
      bools exactly; NaN equals NaN. Integer inputs that the shapes of a model depend on are taken from the data; \
      the last line then says what compile needs.

      With --reference onnxruntime, a Python with the packages onnx and onnxruntime (python3, or TENSORC_PYTHON) \
      computes what is expected; where an output differs, the first tensor that does is named. With --reference \
      interpreter, compiled code is held to the bits that its kernels give when they are interpreted, for 1, 2 and 3 \
      threads: it takes seconds to hours, and finds what no test of numbers does.
      """)

  @OptionGroup var session: SessionOptions

  @Option(help: ArgumentHelp("The directory with inputs and expected outputs.", valueName: "dir"))
  var data: String?

  @Option(help: "Compare with onnxruntime or with the interpreter, on inputs of --data or on inputs that are made.")
  var reference: Reference?

  @Flag(help: "With --reference: compare every named tensor of the model, not only the outputs.")
  var taps = false

  @Option(help: "The relative tolerance.")
  var rtol = 1e-3

  @Option(help: "The absolute tolerance.")
  var atol = 1e-5

  @Flag(help: "End with one line of JSON.")
  var json = false

  func validate() throws {
    guard rtol >= 0, atol >= 0, rtol.isFinite, atol.isFinite else {
      throw ValidationError("tolerances are numbers of at least 0")
    }
    if data == nil, reference == nil { throw ValidationError("verify takes --data DIR, or --reference onnxruntime") }
    if taps, reference != .onnxruntime { throw ValidationError("--taps needs --reference onnxruntime") }
    if reference == .onnxruntime, ModelLoader.kind(of: session.subject) != .onnx {
      throw ValidationError("--reference onnxruntime takes an ONNX model")
    }
    if reference == .interpreter, session.isLibrary {
      throw ValidationError("--reference interpreter takes a model")
    }
  }

  func run() throws {
    if let reference { return try compare(with: reference) }
    var report = VerifyReport()
    var opened: OpenSession?
    var notes: [String] = []
    for directory in try DataFiles.directories(data ?? "") {
      let tensors = try DataInput.read(directory)
      guard !directory.outputs.isEmpty else {
        throw TensorDataError(
          id: "no-expected-outputs", message: "there is no output_0.npy or .pb to compare with",
          file: directory.path)
      }
      // Symbols stay symbolic, so one library serves all directories, unless inputs become part of it.
      let current = try reusable(opened) ?? session.open(for: tensors)
      opened = current
      if let note = current.note, !notes.contains(note) { notes.append(note) }
      let results = try about(session.subject) {
        try current.runner.setInputs(tensors)
        return try current.runner.run()
      }
      report.add(directory.path, try compare(results, with: directory, current))
    }
    try finish(report, notes)
  }

  private func compare(with reference: Reference) throws {
    var report = VerifyReport()
    var notes: [String] = []
    for directory in try data.map({ try DataFiles.directories($0).map(Optional.some) }) ?? [nil] {
      let (comparisons, found) =
        switch reference {
        case .onnxruntime:
          try ReferenceCheck(
            session: session, tolerance: Tolerance(relative: rtol, absolute: atol), taps: taps
          ).run(directory)
        case .interpreter: try InterpreterCheck(session: session).run(directory)
        }
      report.add(directory?.path ?? "made inputs", comparisons)
      notes += found
    }
    try finish(report, notes)
  }

  private func finish(_ report: VerifyReport, _ notes: [String]) throws {
    if !json || !session.consoleOptions.quiet {
      session.console.result(([report.text] + notes).joined(separator: "\n"))
    }
    if json { session.console.result(try report.json()) }
    if !report.passes { throw Failure() }
  }

  private func reusable(_ opened: OpenSession?) -> OpenSession? {
    session.isLibrary ? opened : nil
  }

  private func compare(
    _ results: [HostTensor], with directory: DataDirectory, _ opened: OpenSession
  ) throws -> [Comparison] {
    guard results.count == directory.outputs.count else {
      throw TensorDataError(
        id: "output-count",
        message: "the model has \(results.count) outputs, and \(directory.outputs.count) are expected",
        file: directory.path)
    }
    let names = opened.runner.library.description.outputs.map(\.name)
    let tolerance = Tolerance(relative: rtol, absolute: atol)
    return try directory.outputs.enumerated().map { number, entry in
      let expected = try directory.readOutput(entry, labels: opened.labels[names[number]])
      return try Comparison(names[number], actual: results[number], expected: expected, tolerance: tolerance)
    }
  }
}

/// What a model can be compared with.
enum Reference: String, CaseIterable, ExpressibleByArgument { case onnxruntime, interpreter }

/// What `verify` found, for people and for programs.
struct VerifyReport {
  private var sets: [(path: String, comparisons: [Comparison])] = []

  mutating func add(_ path: String, _ comparisons: [Comparison]) { sets.append((path, comparisons)) }

  var passes: Bool { sets.allSatisfy { $0.comparisons.allSatisfy(\.passes) } }

  var text: String {
    var lines: [String] = []
    for set in sets {
      if sets.count > 1 { lines.append(set.path) }
      for (number, comparison) in set.comparisons.enumerated() {
        lines.append("output \(number) '\(comparison.name)': \(VerifyReport.text(of: comparison))")
      }
    }
    lines.append(passes ? "passed" : "FAILED")
    return lines.joined(separator: "\n")
  }

  static func text(of comparison: Comparison) -> String {
    if let mismatch = comparison.mismatch { return "FAILED: \(mismatch)" }
    var text =
      comparison.passes
      ? "ok" : "FAILED: \(comparison.wrongCount) of \(comparison.elementCount) elements differ too much"
    text +=
      ", max abs \(Readable.short(comparison.maximumAbsolute)), max rel \(Readable.short(comparison.maximumRelative))"
    if let worst = comparison.worst {
      let index = worst.index.map(String.init).joined(separator: ", ")
      text += ", worst at [\(index)]: \(worst.actual), expected \(worst.expected)"
    }
    return text
  }

  func json() throws -> String {
    let outputs = sets.flatMap { set in
      set.comparisons.enumerated().map { number, comparison in
        Output(set: set.path, number: number, comparison)
      }
    }
    return try JSONLine.text(Report(passed: passes, outputs: outputs))
  }

  private struct Report: Encodable {
    var passed: Bool
    var outputs: [Output]
  }

  private struct Output: Encodable {
    var data: String
    var output: Int
    var name: String
    var passed: Bool
    var elements: Int
    var wrong: Int
    var max_abs: Double
    var max_rel: Double
    var worst_index: [Int]?
    var mismatch: String?

    init(set: String, number: Int, _ comparison: Comparison) {
      data = set
      output = number
      name = comparison.name
      passed = comparison.passes
      elements = comparison.elementCount
      wrong = comparison.wrongCount
      max_abs = comparison.maximumAbsolute
      max_rel = comparison.maximumRelative
      worst_index = comparison.worst?.index
      mismatch = comparison.mismatch
    }
  }
}

/// One line of JSON with its fields in alphabetical order.
enum JSONLine {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // JSON has no infinity; a number that no comparison takes for small stands for it.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
