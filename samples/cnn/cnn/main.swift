import Foundation
import Pictures
import TensorExport
import TensorTraining
import TimedSteps

/// What can be asked for on the command line.
struct Arguments {
  var passes = 8
  var limit = Int.max
  var data = "/usr/share/datasets/fashion-mnist"
  var output = "cnn"
  var every = 200
  /// Whether steps are timed as the standard input asks for them.
  var isTimed = false

  init(_ words: [String]) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--timed" {
        isTimed = true
        continue
      }
      guard let value = rest.popFirst() else { throw TrainingError("\(word) takes a value") }
      switch (word, Int(value)) {
      case ("--passes", let number?) where number > 0: passes = number
      case ("--examples", let number?) where number > 0: limit = number
      case ("--every", let number?) where number > 0: every = number
      case ("--data", _): data = value
      case ("--output", _): output = value
      default:
        throw TrainingError(
          "there are --passes N, --examples N, --every N, --data FOLDER, --output FOLDER and --timed, not \(word) \(value)"
        )
      }
    }
  }
}

func run() throws {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  guard FileManager.default.fileExists(atPath: arguments.data) else {
    throw TrainingError(
      "there is no folder '\(arguments.data)': install the package dataset-fashion-mnist, or pass --data FOLDER")
  }
  func read(_ name: String) throws -> any DataSet {
    let all = try MemoryDataSet(
      idxImages: "\(arguments.data)/\(name)-images-idx3-ubyte", labels: "\(arguments.data)/\(name)-labels-idx1-ubyte",
      shape: [1, 28, 28])
    return all.count <= arguments.limit ? all : Subset(whole: all, positions: Array(0..<arguments.limit))
  }
  let training = try read("train")
  let test = try read("t10k")
  let batch = 128
  let steps = arguments.passes * (training.count + batch - 1) / batch
  let network = withRandomNumbers(seed: 1) { PictureNetwork() }
  let trainer = Trainer(
    network, AdamW(rate: 2e-3), schedule: CosineSchedule(2e-3, period: steps), clipping: .globalNorm(5),
    seed: 1
  ) { network, images, mode in
    network(images, mode)
  } loss: { logits, labels in
    crossEntropy(logits, labels)
  }
  if arguments.isTimed {
    trainer.callbacks = [TimedSteps(10)]
    trainer.showsProgress = false
    try trainer.fit(training, passes: 1_000_000, batchSize: batch)
    return
  }
  trainer.eventFolder = "\(arguments.output)/events"
  try FileManager.default.createDirectory(atPath: arguments.output, withIntermediateDirectories: true)
  try trainer.fit(
    training, validation: test, passes: arguments.passes, batchSize: batch, metrics: [Accuracy()],
    checkpoints: Checkpoints("\(arguments.output)/run.safetensors", everySteps: arguments.every),
    report: "\(arguments.output)/report.html")
  let picture = TensorType.f32("n", 1, 28, 28)
  try exportONNX(trainer.model, picture, to: "\(arguments.output)/cnn.onnx", inputs: ["pictures"]) {
    network, pictures in
    ["logits": network(pictures, .inference)]
  }
}

do { try run() } catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
