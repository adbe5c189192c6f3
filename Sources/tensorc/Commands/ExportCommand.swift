import ArgumentParser
import Foundation
import TensorCodegenC
import TensorDriver
import TensorIR
import TensorONNX
import TensorTrainStep

/// `tensorc export`
struct ExportCommand: ParsableCommand, Exemplified {
  static let example = "tensorc export model.tir -o build/model.onnx"

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a model as ONNX, for other runtimes and tools.",
    discussion: """
      The model is written with ONNX's own operators of opset \(OnnxExport.opset), which onnxruntime 1.18 and later run. Names of \
      inputs and outputs stay, and dimensions without a number stay symbols. Weights of more than --external-data bytes \
      together stand beside the model, in OUT.data.

      With --weights the model gets the weights that a library of 'tensorc train-step' saved; adapters become part of theirs.
      """)

  @Argument(help: "A model, .onnx or .tir.")
  var model: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The .onnx file to write.", valueName: "out"))
  var output: String

  @Option(
    name: .customLong("external-data"),
    help: ArgumentHelp("From how many bytes of weights on they stand beside the model.", valueName: "bytes"))
  var externalDataLimit: Int = 1 << 30

  @Option(help: ArgumentHelp("Weights that were trained, as a safetensors file.", valueName: "file"))
  var weights: String?

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    guard URL(fileURLWithPath: output).pathExtension.lowercased() == "onnx" else {
      throw ValidationError("-o takes a file that ends in .onnx")
    }
    guard (0...1 << 31).contains(externalDataLimit) else {
      throw ValidationError("--external-data takes a number of bytes up to 2 GiB, where a file of protobuf ends")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    console.progress("read \(model)")
    let loaded = try modelOptions.load(model)
    console.progress("ONNX")
    let options = OnnxExportOptions(externalDataLimit: externalDataLimit, producerVersion: ToolVersion.text)
    let directory = URL(fileURLWithPath: output).deletingLastPathComponent()
    try about(model) {
      let function = try weights.map { try TrainedWeights(path: $0).replacing(in: loaded.function) } ?? loaded.function
      let export = try OnnxExport(function, options: options)
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try export.write(to: output)
    }
    console.endProgress()
    if consoleOptions.quiet { return }
    let size = (try? FileManager.default.attributesOfItem(atPath: output)[.size] as? Int) ?? 0
    console.result("wrote  \(output)  \(Readable.bytes(size))")
  }
}
