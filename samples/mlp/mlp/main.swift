import Classifier
import Foundation
import TensorTraining
import TimedSteps

/// What can be asked for on the command line.
struct Arguments {
  var activation = Activation.relu
  var epochs = 10
  var limit = Int.max
  var data = "/usr/share/datasets/fashion-mnist"
  var printsIR = false
  /// Whether steps are timed as the standard input asks for them.
  var isTimed = false

  init(_ words: [String]) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      func value() throws -> String {
        guard let value = rest.popFirst() else { throw TrainingError("\(word) takes a value") }
        return value
      }
      func number() throws -> Int {
        guard let number = Int(try value()), number > 0 else {
          throw TrainingError("\(word) takes a positive number")
        }
        return number
      }
      switch word {
      case "--activation":
        guard let named = Activation(rawValue: try value()) else {
          throw TrainingError("activations are \(Activation.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        activation = named
      case "--epochs": epochs = try number()
      case "--steps": limit = try number()
      case "--data": data = try value()
      case "--ir": printsIR = true
      case "--timed": isTimed = true
      default:
        throw TrainingError(
          "unknown option \(word); there are --activation NAME, --epochs N, --steps N, --data FOLDER, --ir, --timed")
      }
    }
  }
}

func run() throws {
  let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
  if arguments.isTimed {
    let data = try FashionData(arguments.data, "train")
    let timed = TimedSteps(200)
    var run = try Training(activation: arguments.activation)
    while true { _ = try run.epoch(data) { try timed.stepEnded(0, loss: $0) } }
  }
  let clock = ContinuousClock()
  let start = clock.now
  func say(_ text: String) {
    print("\((clock.now - start).formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1))))  \(text)")
  }

  let training = try FashionData(arguments.data, "train")
  let test = try FashionData(arguments.data, "t10k")
  say("\(training.count) images to train on, \(test.count) to test with")
  var run = try Training(activation: arguments.activation, epochs: arguments.epochs)
  if arguments.printsIR { print(run.stepIR) }
  say("compiled the step and the network: \(run.trainer.network.parameterCount) parameters")
  for epoch in 1...arguments.epochs {
    let loss = try run.epoch(training, limit: arguments.limit)
    say(
      "epoch \(epoch): loss \(String(format: "%.4f", loss)), \(String(format: "%.2f", 100 * (try run.accuracy(test)))) % right"
    )
  }
}

do { try run() } catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
