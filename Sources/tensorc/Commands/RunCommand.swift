import ArgumentParser
import Foundation
import TensorData
import TensorDriver

/// `tensorc run`
struct RunCommand: ParsableCommand, Exemplified {
  static let example = "tensorc run model.onnx --inputs test_data_set_0 --outputs results"

  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a model or a compiled library on files.",
    discussion: """
      Inputs are input_0.npy (or .pb), input_1.npy, … in the order of the model; outputs are written as \
      output_0.npy, … Without --inputs they are made, and written beside the outputs. A model is compiled first, into the cache.
      """)

  @OptionGroup var session: SessionOptions

  @Option(help: ArgumentHelp("The directory with the inputs; without it they are made.", valueName: "dir"))
  var inputs: String?

  @Option(help: ArgumentHelp("The directory for the outputs; made if it is missing.", valueName: "dir"))
  var outputs: String

  @Flag(help: "Compute with the reference evaluator, slowly, without a C compiler.")
  var evaluate = false

  func validate() throws {
    if evaluate && session.isLibrary {
      throw ValidationError("--evaluate needs a model: a library has only its code")
    }
    if evaluate && inputs == nil { throw ValidationError("--evaluate needs --inputs") }
  }

  func run() throws {
    let data = try inputs.map { try DataDirectory(onnx: $0) }
    let results: [HostTensor]
    let note: String?
    var made: [DataInput] = []
    if evaluate, let data {
      let tensors = try DataInput.read(data)
      let loaded = try session.load(for: tensors)
      results = try about(session.subject) { try loaded.evaluate(tensors) }
      note = session.takenFromData(loaded, tensors)
    } else {
      let (opened, tensors) = try session.open(data)
      note = opened.note
      if data == nil { made = tensors }
      results = try about(session.subject) {
        try opened.runner.setInputs(tensors)
        return try opened.runner.run()
      }
    }
    try DataDirectory.write(results, as: "output", in: outputs)
    // Files are numbered in the order of the model's inputs, so those of a model with constants cannot be written.
    if made.map(\.number) == Array(made.indices) {
      try DataDirectory.write(made.map(\.tensor), as: "input", in: outputs)
    }
    guard !session.consoleOptions.quiet else { return }
    for (number, tensor) in results.enumerated() {
      let path = URL(fileURLWithPath: outputs, isDirectory: true).appendingPathComponent(
        "output_\(number).npy"
      ).relativePath
      session.console.result("wrote \(path)  \(tensor.typeText)")
    }
    if let note { session.console.result(note) }
  }
}
