import CharacterModel
import Foundation
import TensorMPI
import TensorTraining

/// What can be asked for on the command line, with what is taken otherwise.
struct Arguments {
  var numbers = [
    "passes": 1, "steps": 0, "length": 128, "batch": 32, "size": 128, "layers": 4, "heads": 4, "every": 100,
    "micro-batches": 1, "threads": 0, "pause": 0,
  ]
  var texts = ["text": "", "output": "mpi"]
  /// Whether each rank keeps what the optimiser remembers of its share of the parameters only.
  var sharesState = false

  init(_ words: [String]) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      let name = String(word.dropFirst(2))
      if word == "--share-state" {
        sharesState = true
        continue
      }
      guard word.hasPrefix("--"), let value = rest.popFirst() else { throw Arguments.mistake(word) }
      if numbers[name] != nil, let number = Int(value), number >= 0 {
        numbers[name] = number
      } else if texts[name] != nil {
        texts[name] = value
      } else {
        throw Arguments.mistake("\(word) \(value)")
      }
    }
  }

  private static func mistake(_ word: String) -> TrainingError {
    TrainingError("'\(word)' is none of the options, or lacks its value: samples/mpi/README.md lists them")
  }

  subscript(_ name: String) -> Int { numbers[name] ?? 0 }
}

/// Ends a run after some steps, if it is to, and tells how long they took, the first ones left out. May pause in every step, so
/// that a test has time to end a rank.
final class Steps: TrainingCallback {
  struct Over: Error {}
  private let (count, pause): (Int, Int)
  private var times: [ContinuousClock.Instant] = []

  init(_ count: Int, pause: Int) { (self.count, self.pause) = (count, pause) }

  func stepEnded(_ step: Int, loss: Double) throws {
    times.append(.now)
    if pause > 0 { usleep(UInt32(pause * 1000)) }
    if count > 0, step >= count { throw Over() }
  }

  /// The median time of a step in milliseconds, and the fast tenth; nil where there were few.
  var milliseconds: (median: Double, fast: Double)? {
    let all = zip(times.dropFirst(3), times.dropFirst(4)).map { ($1 - $0) / .milliseconds(1) }.sorted()
    return all.count < 5 ? nil : (all[all.count / 2], all[all.count / 10])
  }
}

func train(_ arguments: Arguments, _ ranks: Ranks) throws {
  let file = arguments.texts["text"] ?? ""
  let text = try file.isEmpty ? Text.kingJames() : Text(file: file)
  let (training, _) = text.split(0.9)
  let data = TokenDataSet(training, length: arguments["length"])
  guard data.count > 0 else { throw TrainingError("the text is shorter than one piece of \(data.length) characters") }
  let model = withRandomNumbers(seed: 1) {
    CharacterModel(
      vocabulary: text.vocabulary.count, length: arguments["length"], size: arguments["size"],
      layers: arguments["layers"], heads: arguments["heads"])
  }
  // This is all that training on several ranks takes: `fit` finds them.
  let trainer = Trainer(
    model, AdamW(rate: 1e-3, beta2: 0.99, weightDecay: 0.01), clipping: .globalNorm(1), seed: 1
  ) { model, tokens, mode in
    model(tokens, mode)
  } loss: { logits, targets in
    crossEntropy(logits, targets)
  }
  trainer.microBatches = arguments["micro-batches"]
  trainer.sharesOptimizerState = arguments.sharesState
  let steps = Steps(arguments["steps"], pause: arguments["pause"])
  trainer.callbacks = [steps]
  let output = arguments.texts["output"] ?? "mpi"
  do {
    try trainer.fit(
      data, passes: arguments["passes"], batchSize: arguments["batch"],
      checkpoints: Checkpoints("\(output)/run.safetensors", everySteps: arguments["every"]))
  } catch is Steps.Over {}
  guard ranks.isFirst else { return }
  if let (median, fast) = steps.milliseconds {
    print(String(format: "%d ranks, %.2f ms a step (fast tenth %.2f)", ranks.count, median, fast))
  }
}

do {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  try withMPI(threads: arguments["threads"] > 0 ? arguments["threads"] : nil) { ranks in
    FileHandle.standardError.write(
      Data("rank \(ranks.rank) of \(ranks.count) is process \(ProcessInfo.processInfo.processIdentifier)\n".utf8))
    try train(arguments, ranks)
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
