import Foundation
import TensorData
import TensorDriver
import TensorIR

/// `verify --reference`: holds a model to onnxruntime and, where they differ, finds the first tensor that does.
struct ReferenceCheck {
  var session: SessionOptions
  var tolerance: Tolerance
  /// Whether all tensors are shown, not only where an output differs.
  var taps: Bool

  /// What was found: the outputs, and lines about the tensors between.
  func run(_ directory: DataDirectory?) throws -> (comparisons: [Comparison], notes: [String]) {
    let reference = try OnnxReference()
    let (opened, inputs) = try session.open(directory)
    let names = opened.runner.library.description.outputs.map(\.name)
    let given = Dictionary(
      try named(inputs, opened).map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    let expected = try about(session.subject) {
      try reference.values(of: session.subject, inputs: given, names: names, labels: opened.labels)
    }
    let results = try about(session.subject) {
      try opened.runner.setInputs(inputs)
      return try opened.runner.run()
    }
    let comparisons = try compare(names, results, expected)
    var notes = [opened.note].compactMap { $0 }
    if taps || !comparisons.allSatisfy(\.passes) { notes += try between(inputs, given, reference) }
    return (comparisons, notes)
  }

  /// The inputs under the model's names; onnxruntime is given those that are constants to us, too.
  private func named(_ inputs: [DataInput], _ opened: OpenSession) throws -> [(name: String, tensor: HostTensor)] {
    let loaded = try session.model.load(session.subject, data: LoadData(inputs.map(\.tensor)))
    let constants = try session.model.readConstants()
    return inputs.compactMap { input in
      guard input.number < loaded.inputNames.count else { return nil }
      return (loaded.inputNames[input.number], input.tensor)
    } + constants.map { ($0.key, $0.value) }
  }

  /// Compiles the model again with all named tensors among its results, and compares those.
  private func between(
    _ inputs: [DataInput], _ given: [String: HostTensor], _ reference: OnnxReference
  ) throws -> [String] {
    let loaded = try session.model.load(session.subject, data: LoadData(inputs.map(\.tensor)))
    let (model, all) = loaded.tapped()
    var compiler = ModelCompiler(session.code.options)
    try session.configure(&compiler, for: loaded, inputs: inputs)
    let library = try about(session.subject) { try compiler.library(model.function, named: "taps") }
    let runner = try LibraryRunner(library, of: model, threads: session.threads)
    try runner.setInputs(inputs)
    let results = try runner.run()
    let expected = try reference.values(
      of: session.subject, inputs: given, names: all.map(\.name), labels: loaded.labels)
    let outputCount = loaded.function.body.results.count
    // Outputs come last: they are computed after what they are computed from.
    let order = Array(outputCount..<all.count) + Array(0..<outputCount)
    let known = order.filter { expected[all[$0].name] != nil }
    let found = try compare(known.map { all[$0].name }, known.map { results[$0] }, expected)
    var lines = taps ? zip(known, found).map { "  \(all[$0].name)  \(VerifyReport.text(of: $1))" } : []
    if let first = zip(known, found).first(where: { !$0.1.passes }) {
      let place = all[first.0].location
      let at = place == .unknown ? "" : " \(place)"
      lines.append(
        "the first of \(known.count) tensors that differs is '\(all[first.0].name)'\(at): \(VerifyReport.text(of: first.1))"
      )
    } else if taps, found.suffix(outputCount).allSatisfy(\.passes) {
      lines.append("all \(known.count) tensors agree")
    } else {
      lines.append(
        "all \(known.count) tensors agree where each is an output: "
          + "what differs, differs where operations are fused, or by rounding that adds up")
    }
    return lines
  }

  private func compare(
    _ names: [String], _ results: [HostTensor], _ expected: [String: HostTensor]
  ) throws -> [Comparison] {
    try zip(names, results).map { name, actual in
      guard let wanted = expected[name] else {
        throw Diagnostic("reference-failed", "onnxruntime gives no tensor '\(name)'")
      }
      return try Comparison(name, actual: actual, expected: wanted, tolerance: tolerance)
    }
  }
}
