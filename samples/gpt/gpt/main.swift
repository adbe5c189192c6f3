import CharacterModel
import Foundation
import TensorTraining
import TimedSteps

typealias Run = Trainer<CharacterModel, AdamW>

/// The run of training: AdamW with a warm-up and half a cosine, the gradient's norm kept below 1.
func makeTrainer(_ arguments: Arguments, _ text: Text, steps: Int) -> Run {
  let model = withRandomNumbers(seed: 1) {
    CharacterModel(
      vocabulary: text.vocabulary.count, length: arguments["length"], size: arguments["size"],
      layers: arguments["layers"], heads: arguments["heads"])
  }
  var start = model
  start.checkpoints = arguments.checkpoints
  let warmup = min(100, steps / 5)
  let rate = 2e-3
  let schedule = SequentialSchedule(
    [
      LinearSchedule(from: 0, to: rate, steps: warmup),
      CosineSchedule(rate, least: rate / 10, period: max(steps - warmup, 1)),
    ], until: [warmup])
  let trainer = Trainer(
    start, AdamW(rate: rate, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01), schedule: schedule,
    clipping: .globalNorm(1), seed: 1
  ) { model, tokens, mode in
    model(tokens, mode)
  } loss: { logits, targets in
    crossEntropy(logits, targets)
  }
  trainer.memoryBudget = arguments.budget
  return trainer
}

/// What a peer needs: the model's first weights, the tokens, the pieces of each step, and the rates.
func writePeerFiles(_ folder: String, _ trainer: Run, _ text: Text, _ order: BatchOrder, passes: Int) throws {
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  let weights = Dictionary(uniqueKeysWithValues: trainer.model.namedTensors.map { ($0.name, $0.tensor) })
  try saveTensors(weights, to: "\(folder)/start.safetensors")
  let (training, validation) = text.split(0.9)
  let full = (0..<passes).flatMap { order.positions(pass: $0) }
  // A last batch that is smaller is filled with -1.
  let rows = full.flatMap { row in (0..<order.size).map { $0 < row.count ? Int64(row[$0]) : -1 } }
  let rates = full.indices.map { Float(trainer.schedule?.rate(at: $0) ?? 0) }
  try saveTensors(
    [
      "training": Tensor(of: training), "validation": Tensor(of: validation),
      "order": Tensor(of: rows, shape: [full.count, order.size]), "rates": Tensor(of: rates),
    ], to: "\(folder)/data.npz")
}

func run() throws {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  let text = try arguments.text.map { try Text(file: $0) } ?? Text.kingJames()
  let (training, validation) = text.split(0.9)
  let data = TokenDataSet(training, length: arguments["length"])
  let order = BatchOrder(count: data.count, size: arguments["batch"], seed: 1)
  guard data.count > 0 else { throw TrainingError("the text is shorter than one piece of \(data.length) characters") }
  let trainer = makeTrainer(arguments, text, steps: arguments["passes"] * order.batches)
  if let peers = arguments.peers {
    return try writePeerFiles(peers, trainer, text, order, passes: arguments["passes"])
  }
  if arguments.isTimed {
    trainer.callbacks = [TimedSteps(10)]
    trainer.showsProgress = false
    try trainer.fit(data, passes: 1_000_000, batchSize: arguments["batch"])
    return
  }
  let output = arguments.output
  try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
  try trainer.fit(
    data, validation: TokenDataSet(validation, length: arguments["length"]), passes: arguments["passes"],
    batchSize: arguments["batch"],
    checkpoints: Checkpoints("\(output)/run.safetensors", everySteps: arguments["every"]),
    report: "\(output)/report.html")
  print("\(trainer.model.parameterCount) parameters, \(trainer.workspaceByteCount ?? 0) bytes of workspace")
  let writer = try Writer(trainer.model, text.vocabulary, length: arguments["length"])
  let written = try writer.text(after: "In the beginning ", count: arguments["write"], seed: 1)
  print(written)
  try Data(written.utf8).write(to: URL(fileURLWithPath: "\(output)/written.txt"), options: .atomic)
}

do { try run() } catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
