import TensorIR
import TensorOps
import TensorPasses
import TestSamples

/// Many cases compiled as one function, with AddressSanitizer; one after the other is called with sizes that do not fit, the
/// others with those of their samples.
struct SizesBatch {
  let cases: [SizesCase]

  /// What is wrong, a line each.
  func faults() -> [String] {
    do { return try found() } catch {
      // One that cannot be compiled must not hide the others.
      guard cases.count > 1 else { return ["\(cases[0]): \(error)"] }
      let half = cases.count / 2
      return SizesBatch(cases: Array(cases[..<half])).faults() + SizesBatch(cases: Array(cases[half...])).faults()
    }
  }

  /// One call of one case.
  private struct Trial {
    var number: Int
    var sizes: [String: Int]
    var values: [ReferenceTensor]
  }

  private func found() throws -> [String] {
    let (function, places) = try function()
    let program = try SanitizedProgram { try Pipeline.compile(function, PipelineOptions(target: $0)) }
    let inputs = cases.map { $0.values($0.base) ?? [] }
    let first = inputs.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let trials = cases.enumerated().flatMap { number, item in
      item.calls.compactMap { sizes in item.values(sizes).map { Trial(number: number, sizes: sizes, values: $0) } }
    }
    let calls = trials.map { trial in
      SanitizedProgram.Call(
        changed: trial.values.enumerated().map { (first[trial.number] + $0, $1) }, outputs: places[trial.number])
    }
    let outcomes = try program.run(inputs.flatMap { $0 }, calls, results: function.resultTypes)
    return zip(trials, outcomes).compactMap { trial, outcome in
      fault(trial, outcome).map {
        "\(cases[trial.number]) as \(cases[trial.number].types) at \(text(trial.sizes)): \($0)"
      }
    }
  }

  private func text(_ sizes: [String: Int]) -> String {
    sizes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// The name of the node that a case stands for.
  private func node(_ number: Int) -> String { "case \(number)" }

  /// The function, and for each case where its results stand.
  private func function() throws -> (Function, [Range<Int>]) {
    let trace = TraceRecorder(name: "sizes")
    var results: [Tensor] = []
    var places: [Range<Int>] = []
    for (number, item) in cases.enumerated() {
      let parameters = item.types.map { type in
        trace.parameter(type.substituting { Dimension(symbol: "c\(number)\($0)") })
      }
      trace.location = .node(name: node(number), kind: item.sample.op.name)
      let own = try item.record(in: trace, parameters)
      places.append(results.count..<results.count + own.count)
      results += own
    }
    return (try trace.finish(results), places)
  }

  // MARK: Right or wrong

  private func fault(_ trial: Trial, _ outcome: SanitizedProgram.Outcome) -> String? {
    let item = cases[trial.number]
    switch (item.expected(trial.sizes, trial.values), outcome) {
    case (_, .stopped(let report)): return report
    case (.failure(let error), .results): return "nothing was refused, and should be: \(error)"
    case (.failure, .refused(let id, let node, let text)):
      if !["guard-failed", "index-out-of-range"].contains(id) { return "\(id): \(text)" }
      return node.hasPrefix("\(self.node(trial.number)) (") ? nil : "the error names '\(node)': \(text)"
    case (.success, .refused(let id, _, let text)):
      return SizesExceptions.allows(item, text) ? nil : "refused, though it fits: \(text) [\(id)]"
    case (.success(let wanted), .results(let found)):
      return zip(found, wanted).lazy.compactMap { found, want in
        ContractTolerance.firstFault(found, want, bound(item, want.elementType))
      }.first
    }
  }

  private func bound(_ item: SizesCase, _ type: ElementType) -> ContractTolerance.Bound {
    // How exact an op is the contract suite says; others than the op take part in the other forms.
    var bound = ContractTolerance.bound(item.sample.op, type)
    if item.form != .alone { bound = type.isFloat ? ContractTolerance.Bound(steps: 4096, size: .greatest) : .exact }
    if bound.size == .terms { bound.size = .greatest }
    return bound
  }
}

/// Sizes that would do as numbers, and are refused as symbols.
enum SizesExceptions {
  private static let reasons: [String: String] = [
    LayerNorm.name: "whether a scale has an element for each place, or one for all, is known when it is compiled"
  ]

  static func allows(_ item: SizesCase, _ text: String) -> Bool { reasons[item.sample.op.name] != nil }
}
