import ArgumentParser
import Foundation
import TensorData
import TensorDriver
import TensorPasses

/// `tensorc graph`
struct GraphCommand: ParsableCommand, Exemplified {
  static let example = "tensorc graph model.onnx --profile -o graph.html"

  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Write a page that shows a model's graph after each stage, its kernels and its memory.",
    discussion: """
      The page is one file for any browser and needs no network. Bytes and work are counted for the shapes of --data, or \
      for the sizes that bench makes; --dim chooses others. With --profile the kernels are timed.
      """)

  @OptionGroup var session: SessionOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The page to write, .html.", valueName: "file"))
  var output: String

  @Option(help: "Only this stage: \(Stage.allCases.map(\.rawValue).joined(separator: ", ")).")
  var stage: Stage?

  @Option(help: ArgumentHelp("A directory with inputs, for their shapes and for --profile.", valueName: "dir"))
  var data: String?

  @Flag(help: "Time the kernels, as profile does.")
  var profile = false

  func validate() throws {
    if session.isLibrary { throw ValidationError("graph takes a model: a library has no graph") }
  }

  func run() throws {
    let console = session.console
    let given = try data.flatMap { try DataFiles.directories($0).first }.map(DataInput.read)
    let loaded = try given.map { try session.load(for: $0) } ?? session.model.load(session.subject)
    var compiler = ModelCompiler(session.code.options) { console.progress($0) }
    try session.configure(&compiler, for: loaded, inputs: given)
    let page = try about(session.subject) { () -> GraphPage in
      let measured = try profile ? measure(loaded, given, compiler) : nil
      let sizes = given.map(loaded.sizes) ?? MadeInputs.sizes(for: loaded.function)
      return try GraphPage(
        loaded, name: session.subject, compiler: compiler, only: stage, profile: measured, sizes: sizes)
    }
    console.endProgress()
    try OutputPlace.write(try page.html(), to: output)
    if !session.consoleOptions.quiet {
      let stages = page.stages.map { "\($0.name) \($0.nodes.count)" }.joined(separator: ", ")
      console.result("wrote \(output)  (nodes: \(stages))")
    }
  }

  private func measure(_ loaded: LoadedModel, _ given: [DataInput]?, _ compiler: ModelCompiler) throws -> Profile {
    try Profile.measure(loaded, compiler: compiler, threads: session.threads, runs: 50) { runner in
      try given ?? MadeInputs.make(for: runner)
    }
  }
}
