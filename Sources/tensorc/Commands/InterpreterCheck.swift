import Foundation
import TensorData
import TensorDriver
import TensorIR

/// `verify --reference interpreter`: holds compiled code to the bits of its kernels interpreted, for teams of threads.
struct InterpreterCheck {
  var session: SessionOptions

  private static let teams = 1...3

  /// What was found: a comparison for each team and output, and lines about the program.
  func run(_ directory: DataDirectory?) throws -> (comparisons: [Comparison], notes: [String]) {
    let (opened, inputs) = try session.open(directory)
    let results = try about(session.subject) {
      try opened.runner.setInputs(inputs)
      return try opened.runner.run()
    }
    let loaded = try session.model.load(
      session.subject, data: LoadData(inputs.map(\.tensor), isStatic: session.isStatic))
    let given = opened.runner.places.compactMap { place in inputs.first { $0.number == place }?.tensor }
    var compiler = ModelCompiler(session.code.options)
    try session.configure(&compiler, for: loaded, inputs: inputs)
    let names = opened.runner.library.description.outputs.map(\.name)
    return try about(session.subject) {
      let interpretation = try Interpretation(loaded.function, compiler)
      let comparisons = try InterpreterCheck.teams.flatMap { team in
        session.console.progress("interpret, \(team) threads")
        let found = try interpretation.run(given, team: team, shapes: results)
        return try zip(names, zip(results, found)).map { name, pair in try compare("\(name), team of \(team)", pair) }
      }
      session.console.endProgress()
      let note = "\(interpretation.kernelCount) kernels verified, printed, parsed and interpreted"
      return (comparisons, [note] + [opened.note].compactMap { $0 })
    }
  }

  /// Equal numbers are not enough: a zero of the other sign is a difference.
  private func compare(_ name: String, _ pair: (compiled: HostTensor, interpreted: HostTensor)) throws -> Comparison {
    var comparison = try Comparison(
      name, actual: pair.compiled, expected: pair.interpreted, tolerance: Tolerance(relative: 0, absolute: 0))
    if comparison.passes, pair.compiled.bytes != pair.interpreted.bytes {
      comparison.mismatch = "the bits of zeros or NaNs differ"
    }
    return comparison
  }
}
