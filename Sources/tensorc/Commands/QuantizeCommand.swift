import ArgumentParser
import Foundation
import TensorData
import TensorDriver
import TensorONNX

/// `tensorc quantize`
struct QuantizeCommand: ParsableCommand, Exemplified {
  static let example = "tensorc quantize model.onnx --data test_data_set_0 --scheme int8 -o build/model-int8.onnx"

  static let configuration = CommandConfiguration(
    commandName: "quantize", abstract: "Write an ONNX model with weights of 8 or 4 bits.",
    discussion: """
      With --scheme int8, products with constant weights (MatMul, Gemm, Conv) get both operands by way of QuantizeLinear and \
      DequantizeLinear: weights as i8 with a scale for each output channel, what they are multiplied with as u8, in the range \
      that it has on the data. With --scheme int4-weights, weights of matrix products become 4 bits in blocks with a scale \
      each (MatMulNBits), and nothing else changes; the data then only measures.

      DIR holds input_0.npy, … (or .pb), or several such directories called test_data_set_0, …; 100 typical inputs are plenty. \
      The table shows how far each output is from the expected ones of the data before and after, or, where the data has \
      none, how far the quantised model is from the model as it was.
      """)

  @Argument(help: "A model, .onnx.")
  var model: String

  @Option(help: ArgumentHelp("The directory with inputs, and perhaps expected outputs.", valueName: "dir"))
  var data: String

  @Option(help: "What is quantised: int8 or int4-weights.")
  var scheme: Scheme

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Nodes that stay as they are, by their names.", valueName: "node"))
  var exclude: [String] = []

  @Option(help: ArgumentHelp("With int4-weights: how many weights share a scale.", valueName: "n"))
  var block = 32

  @Option(name: .shortAndLong, help: ArgumentHelp("The .onnx file to write.", valueName: "out"))
  var output: String

  @OptionGroup var consoleOptions: ConsoleOptions

  enum Scheme: String, CaseIterable, ExpressibleByArgument {
    case int8
    case int4Weights = "int4-weights"
  }

  func validate() throws {
    guard URL(fileURLWithPath: output).pathExtension.lowercased() == "onnx" else {
      throw ValidationError("-o takes a file that ends in .onnx")
    }
    guard ModelLoader.kind(of: model) == .onnx else { throw ValidationError("quantize takes an ONNX model") }
    guard block >= 16, block <= 1 << 16, block & (block - 1) == 0 else {
      throw ValidationError("--block takes a power of two, 16 or more")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    let directories = try DataFiles.directories(data)
    guard directories.allSatisfy({ !$0.inputs.isEmpty }) else {
      throw TensorDataError(id: "no-inputs", message: "there is no input_0.npy or .pb to run the model on", file: data)
    }
    var quantization = Quantization(
      scheme: scheme == .int8 ? .int8 : .int4Weights(block: block), excluded: Set(exclude))
    quantization.compiler.progress = { console.progress($0) }
    let result = try about(model) { try quantization.run(model, data: directories, to: output) }
    console.endProgress()
    if consoleOptions.quiet { return }
    console.result(report(result))
  }

  private func report(_ result: Quantization.Result) -> String {
    func size(_ path: String) -> String {
      Readable.bytes((try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
    }
    var lines = ["products  \(result.nodes) quantised, \(result.skipped.count) left as they were"]
    for (node, reason) in result.skipped.prefix(5) { lines.append("          '\(node)' \(reason)") }
    if result.skipped.count > 5 { lines.append("          and \(result.skipped.count - 5) more") }
    lines.append("data      \(result.sets) set\(result.sets == 1 ? "" : "s")")
    lines.append("")
    let width = max(6, result.errors.map(\.name.count).max() ?? 0)
    func row(_ name: String, _ cells: [String]) -> String {
      name.padding(toLength: width, withPad: " ", startingAt: 0)
        + cells.map { "  " + String(repeating: " ", count: max(0, 12 - $0.count)) + $0 }.joined()
    }
    lines.append(row("output", ["max before", "rms before", "max after", "rms after"]))
    for error in result.errors {
      let before = error.before.map { [Readable.short($0.greatest), percent($0.relative)] } ?? ["", ""]
      lines.append(row(error.name, before + [Readable.short(error.after.greatest), percent(error.after.relative)]))
    }
    lines += ["", "wrote     \(output)  \(size(output)), from \(size(model))"]
    return lines.joined(separator: "\n")
  }

  private func percent(_ share: Double) -> String {
    share.isFinite ? String(format: "%.3f %%", 100 * share) : "infinite"
  }
}
