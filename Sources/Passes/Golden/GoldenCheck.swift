import Foundation
import TensorIR
import TensorOps

/// Checks golden files, and rewrites their outputs when asked: `tensorc check [--update]`.
public struct GoldenCheck {
  private let golden: GoldenFile

  public init(_ text: String, file: String) { golden = GoldenFile(text, file: file) }

  /// What a check of one file found.
  public struct Report: Sendable {
    /// What is wrong, each with its line; empty if the file holds.
    public var diagnostics: [Diagnostic] = []
    /// What the file should be; nil where its author's part is wrong, or where it has no output.
    public var text: String?
  }

  /// Checks a file on disk. With `update` its output is rewritten, unless a claim fails or the meaning changes.
  @discardableResult
  public static func run(path: String, update: Bool = false) throws -> Report {
    let url = URL(fileURLWithPath: path)
    let text: String
    do { text = try String(contentsOf: url, encoding: .utf8) } catch {
      throw Diagnostic("file", "cannot read '\(path)': \(error.localizedDescription)")
    }
    var report = GoldenCheck(text, file: path).check(update: update)
    guard update, let expected = report.text, expected != text else { return report }
    do { try Data(expected.utf8).write(to: url, options: .atomic) } catch {
      report.diagnostics.append(Diagnostic("file", "cannot write '\(path)': \(error.localizedDescription)"))
    }
    return report
  }

  /// Checks the file; with `update` an output that is out of date is no fault.
  public func check(update: Bool = false) -> Report {
    if !golden.diagnostics.isEmpty { return Report(diagnostics: golden.diagnostics) }
    if golden.passes.isEmpty { return Report(diagnostics: checkErrors()) }
    do { return try checkOutput(update: update) } catch let error as Diagnostics {
      return Report(diagnostics: error.list)
    } catch {
      return Report(diagnostics: [(error as? Diagnostic ?? fault("\(error)", 1)).located(at: place(1))])
    }
  }

  private func place(_ line: Int) -> Location { .source(file: golden.file, line: line, column: 1) }
  private func fault(_ message: String, _ line: Int) -> Diagnostic {
    Diagnostic("golden", message, at: place(line))
  }

  // MARK: Outputs

  private func checkOutput(update: Bool) throws -> Report {
    let functions = try TextParser.parse(golden.input, file: golden.file, ops: OpDirectory(Registry.types))
      .get()
    var outputs: [String] = []
    var diagnostics: [Diagnostic] = []
    for function in functions {
      var applied: [RewriteEvent] = []
      let input = try BrokenFunction.check(function, after: "parse")
      let output = try NamedPass.run(golden.passes, on: input) { applied.append($0) }
      for claim in golden.claims {
        let message = claim.failure(input: input, output: output, applied: applied)
        if let message { diagnostics.append(fault("@\(function.name): \(message)", claim.line)) }
      }
      if let message = meaningChange(input, output) {
        diagnostics.append(fault("@\(function.name): \(message)", 1))
      }
      outputs.append(output.text(.brief))
    }
    if !diagnostics.isEmpty { return Report(diagnostics: diagnostics) }
    let made = outputs.joined(separator: "\n")
    let author = golden.input.hasSuffix("\n") || golden.input.isEmpty ? golden.input : golden.input + "\n"
    // The marker stands on a line of its own, directly behind the author's last one.
    let text = author + GoldenFile.marker + "\n" + made
    if !update, let found = golden.output, found != made { diagnostics.append(mismatch(found, made)) }
    if !update, golden.output == nil {
      diagnostics.append(fault("there is no output yet; run with --update", 1))
    }
    return Report(diagnostics: diagnostics, text: text)
  }

  /// The first line in which the outputs differ.
  private func mismatch(_ found: String, _ made: String) -> Diagnostic {
    func lines(_ text: String) -> [Substring] {
      text.split(separator: "\n", omittingEmptySubsequences: false)
    }
    let (old, new) = (lines(found), lines(made))
    let index =
      zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
    let start = lines(golden.input).count + 1
    func line(_ lines: [Substring]) -> String {
      index < lines.count ? String(lines[index]).trimmed : "(nothing)"
    }
    return fault("the output is out of date: '\(line(old))' is now '\(line(new))'", start + index + 1)
  }

  // MARK: Meaning

  private static let samples = 16

  /// Whether the evaluator tells input and output apart on sampled inputs: how, or nil if it does not.
  private func meaningChange(_ input: Function, _ output: Function) -> String? {
    // Samples are small, and what becomes large of them would take minutes.
    Evaluator.$mostElements.withValue(1 << 16) { sampledChange(input, output) }
  }

  private func sampledChange(_ input: Function, _ output: Function) -> String? {
    guard output.parameterTypes == input.parameterTypes else {
      return "the types of the parameters have changed"
    }
    // A gradient stands behind the results that were there before.
    let count =
      golden.passes.allSatisfy(\.keepsMeaning) ? output.body.results.count : input.body.results.count
    guard count == input.body.results.count else { return "the number of results has changed" }
    var compared = 0
    for seed in 0..<GoldenCheck.samples {
      // Where rounding may differ so may overflow; such samples say nothing.
      let kinds: [SampledInputs.Numbers] =
        golden.tolerance == nil ? [.ordinary, .whole, .special] : [.ordinary, .whole]
      guard let inputs = SampledInputs.make(for: input, seed: seed, kinds[seed % kinds.count]),
        let expected = try? Evaluator.run(input, inputs)
      else { continue }
      compared += 1
      do {
        let found = try Evaluator.run(output, inputs)
        for (index, (a, b)) in zip(expected, found).enumerated() {
          guard let text = a.difference(from: b, tolerance: golden.tolerance) else { continue }
          return "the meaning changes on sample \(seed): in result \(index), \(text)"
        }
      } catch { return "the output cannot be evaluated on sample \(seed): \(error)" }
    }
    return compared == 0 ? "no sample could be evaluated, so the meaning is not checked" : nil
  }

  // MARK: Errors

  private func checkErrors() -> [Diagnostic] {
    let parsed = TextParser.parse(golden.input, file: golden.file, ops: OpDirectory(Registry.types))
    var waiting = golden.errors
    var faults: [Diagnostic] = []
    for diagnostic in parsed.diagnostics {
      guard case .source(_, let line, _) = diagnostic.location,
        let index = waiting.firstIndex(where: { $0.line == line && diagnostic.description.contains($0.text) })
      else {
        faults.append(diagnostic)
        continue
      }
      waiting.remove(at: index)
    }
    return faults + waiting.map { fault("expected an error here that says '\($0.text)'", $0.line) }
  }
}
