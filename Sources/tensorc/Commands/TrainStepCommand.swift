import ArgumentParser
import Foundation
import TensorCodegenC
import TensorDriver
import TensorIR
import TensorTrainStep

/// `tensorc train-step`
struct TrainStepCommand: ParsableCommand, Exemplified {
  static let example =
    "tensorc train-step model.onnx -o build/tuned --loss cross-entropy --optimizer adamw --trainable 'head.*'"

  static let configuration = CommandConfiguration(
    commandName: "train-step", abstract: "Make a C library that trains some weights of a model.",
    discussion: """
      The library holds a state with the weights, begun with the model's, and has functions that take a step on a batch, \
      evaluate the loss, infer, and save and load the weights as safetensors: OUT.h tells of them. Nothing else is needed \
      where it runs. OUT ending in .c writes the C; otherwise a shared library is made.

      The rate is an argument of each step, and batches may have any size where the model's have. cross-entropy is of the \
      model's first result, logits [n, …, classes], against labels i64 [n, …]; where the model ends with a softmax, what goes \
      into that is taken. mse is against a target like the result.

      With --lora the chosen weights W of products stay as they are, and low-rank adapters beside them are trained: x·W becomes \
      x·W + (alpha / rank)·(x·A)·B. They are saved as W.lora.a and W.lora.b; 'tensorc export --weights' makes one weight of the two.
      """)

  @Argument(help: "A model, .onnx or .tir.")
  var model: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "out"))
  var output: String

  @Option(help: "What is made small: \(TrainStepLoss.allCases.map(\.rawValue).joined(separator: " or ")).")
  var loss: TrainStepLoss

  @Option(help: "How: \(TrainStepOptimizer.allCases.map(\.rawValue).joined(separator: ", ")).")
  var optimizer: TrainStepOptimizer = .adamw

  @Option(
    help: ArgumentHelp(
      "The weights to train, by their names; * stands for any text. May be given several times.", valueName: "pattern"))
  var trainable: [String] = []

  @Option(help: ArgumentHelp("Weights among those that stay as they are.", valueName: "pattern"))
  var frozen: [String] = []

  @Option(
    name: .customLong("lora"),
    help: ArgumentHelp(
      "Weights of products that get adapters, by their names. May be given several times.", valueName: "pattern"))
  var adapted: [String] = []

  @Option(name: .customLong("lora-rank"), help: "The extent between an adapter's A and B.")
  var adapterRank: Int = 8

  @Option(name: .customLong("lora-alpha"), help: "What adapters learn counts alpha / rank times.")
  var adapterAlpha: Double = 16

  @Option(help: "The momentum of sgd.")
  var momentum: Double = 0

  @Option(name: .customLong("weight-decay"), help: "By how much of themselves weights shrink, times the rate.")
  var weightDecay: Double = 0

  @Option(name: .customLong("threads"), help: ArgumentHelp("'none' builds without OpenMP.", valueName: "none|openmp"))
  var threadMode: String?

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var code: TargetOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws {
    if output.isEmpty || output.hasSuffix("/") {
      throw ValidationError("-o takes a file, or the beginning of file names, and not '\(output)'")
    }
    if trainable.isEmpty, adapted.isEmpty {
      throw ValidationError("--trainable names the weights to train, '*' for all, or --lora those that get adapters")
    }
    guard (1...65536).contains(adapterRank), adapterAlpha.isFinite else {
      throw ValidationError("--lora-rank takes a number from 1 to 65536, --lora-alpha a finite one")
    }
    if let threadMode, threadMode != "none", threadMode != "openmp" {
      throw ValidationError("--threads of train-step takes none or openmp; how many a call uses is its own choice")
    }
    if momentum != 0, optimizer != .sgd { throw ValidationError("--momentum is for --optimizer sgd") }
    guard (0..<1).contains(momentum), weightDecay >= 0, weightDecay.isFinite else {
      throw ValidationError("--momentum takes a number from 0 to below 1, --weight-decay one from 0 on")
    }
  }

  func run() throws {
    let console = consoleOptions.console
    console.progress("read \(model)")
    let loaded = try modelOptions.load(model)
    var compiler = ModelCompiler(code.options) { console.progress($0) }
    try about(model) { try code.configureUnmeasured(&compiler) }
    let threads: ThreadMode? = threadMode.map { $0 == "none" ? .none : .openMP }
    let url = URL(fileURLWithPath: output)
    let hasEnding = ["c", "so", "dylib"].contains(url.pathExtension)
    let name = (hasEnding ? url.deletingPathExtension() : url).lastPathComponent
    let (library, result) = try about(model) {
      let adapters =
        adapted.isEmpty ? nil : LowRankAdapterOptions(adapted, rank: adapterRank, alpha: adapterAlpha)
      let trainable = try TrainableModel(loaded.function, trainable: trainable, frozen: frozen, adapters: adapters)
      let library = try TrainStepLibrary(
        trainable,
        TrainStepOptions(loss: loss, optimizer: optimizer, momentum: momentum, weightDecay: weightDecay), name: name,
        compiler: compiler, threads: threads, memoryBudget: memory.memoryBudget)
      return (library, try library.write(to: output))
    }
    console.endProgress()
    if consoleOptions.quiet { return }
    let shown = library.weights.prefix(6).map(\.name).joined(separator: ", ")
    let rest = library.weights.count > 6 ? ", … (\(library.weights.count))" : ""
    console.result(
      """
      wrote    \(result.files.joined(separator: ", "))
      trains   \(shown)\(rest): \(library.weights.reduce(0) { $0 + $1.count }) numbers
      step     takes \(workspace(result.workspace)) of workspace
      symbols  \(result.prefix)_create, \(result.prefix)_step, \(result.prefix)_evaluate, \(result.prefix)_infer, …
      """)
  }
}

private func workspace(_ bytes: TensorIR.Dimension) -> String { bytes.constant.map(Readable.bytes) ?? "\(bytes) bytes" }

extension TrainStepLoss: ExpressibleByArgument {}
extension TrainStepOptimizer: ExpressibleByArgument {}
