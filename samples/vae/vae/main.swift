import Foundation
import PictureCoder
import TensorImages
import TensorTraining

/// What can be asked for on the command line.
struct Arguments {
  var passes = 20
  var limit = Int.max
  var data = "/usr/share/datasets/fashion-mnist"
  var output = "vae"

  init(_ words: [String]) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw TrainingError("\(word) takes a value") }
      switch (word, Int(value)) {
      case ("--passes", let number?) where number > 0: passes = number
      case ("--examples", let number?) where number > 0: limit = number
      case ("--data", _): data = value
      case ("--output", _): output = value
      default:
        throw TrainingError(
          "there are --passes N, --examples N, --data FOLDER and --output FOLDER, not \(word) \(value)")
      }
    }
  }
}

/// Pictures that are their own targets.
struct Pictures: DataSet {
  var rows: Rows
  var count: Int

  init(_ folder: String, _ name: String, limit: Int) throws {
    guard FileManager.default.fileExists(atPath: folder) else {
      throw TrainingError(
        "there is no folder '\(folder)': install the package dataset-fashion-mnist, or pass --data FOLDER")
    }
    rows = try Rows(bytes: try DataFile.idx("\(folder)/\(name)-images-idx3-ubyte").bytes, shape: [784], scale: 1 / 255)
    count = min(rows.count, limit)
  }

  func batch(_ positions: [Int]) throws -> Batch {
    let pictures = try rows.tensor(positions)
    return Batch(pictures, pictures)
  }
}

func run() throws {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  let training = try Pictures(arguments.data, "train", limit: arguments.limit)
  let test = try Pictures(arguments.data, "t10k", limit: arguments.limit)
  let batch = 128
  let steps = arguments.passes * ((training.count + batch - 1) / batch)
  let coder = withRandomNumbers(seed: 1) { PictureCoder() }
  let trainer = Trainer(
    coder, Adam(rate: 1e-3, epsilon: 1e-8), schedule: CosineSchedule(1e-3, least: 1e-4, period: steps), seed: 1
  ) { coder, pictures, mode in
    coder(pictures, mode)
  } loss: { result, pictures in
    PictureCoder.loss(result, pictures, numbers: coder.numbers)
  }
  let output = arguments.output
  try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
  try trainer.fit(
    training, validation: test, passes: arguments.passes, batchSize: batch,
    checkpoints: Checkpoints("\(output)/run.safetensors"), report: "\(output)/report.html")
  let model = trainer.model

  // Pictures of the test set, each above what its code gives back, and pictures of codes drawn at random.
  let first = min(40, test.count)
  let originals = try test.batch(Array(0..<first)).inputs
  let again = model(originals, .inference).sliced(axis: 1, start: 0, size: 784).sigmoid()
  let columns = 10
  let pairs = (0..<(first + columns - 1) / columns).flatMap { row -> [Tensor] in
    let size = Dimension(min(columns, first - row * columns))
    return [originals, again].map { $0.sliced(axis: 0, start: Dimension(row * columns), size: size) }
  }
  func sheet(_ pictures: Tensor) throws -> Tensor {
    contactSheet(pictures.reshaped(to: [pictures.shape[0], 28, 28]), columns: columns)
  }
  try sheet(Tensor.concat(pairs, axis: 0)).save(png: "\(output)/again.png")
  let codes = withRandomNumbers(seed: 2) { Tensor.normal([100, model.numbers]) }
  try sheet(model.decoded(codes).sigmoid()).save(png: "\(output)/drawn.png")
  print("wrote \(output)/again.png and \(output)/drawn.png")
}

do { try run() } catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
