import TensorTraining

/// What can be asked for on the command line.
struct Arguments {
  var numbers: [String: Int] = [
    "passes": 1, "length": 128, "batch": 32, "size": 128, "layers": 4, "heads": 4, "every": 200, "write": 600,
  ]
  var text: String?
  var output = "gpt"
  var budget: MemoryBudget?
  var checkpoints = false
  /// A folder that gets what a run elsewhere needs to train on the same: bench/training/gpt.py.
  var peers: String?
  /// Whether steps are timed as the standard input asks for them.
  var isTimed = false

  init(_ words: [String]) throws {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--checkpoints": checkpoints = true
      case "--timed": isTimed = true
      default:
        guard word.hasPrefix("--"), let value = rest.popFirst() else { throw Arguments.mistake(word) }
        try set(String(word.dropFirst(2)), value)
      }
    }
  }

  private mutating func set(_ name: String, _ value: String) throws {
    if numbers[name] != nil, let number = Int(value), number > 0 {
      numbers[name] = number
      return
    }
    switch name {
    case "text": text = value
    case "output": output = value
    case "peers": peers = value
    case "memory-budget":
      guard let budget = MemoryBudget(value) else { throw Arguments.mistake("--\(name) \(value)") }
      self.budget = budget
    default: throw Arguments.mistake("--\(name) \(value)")
    }
  }

  private static func mistake(_ word: String) -> TrainingError {
    TrainingError("'\(word)' is none of the options, or lacks its value: samples/gpt/README.md lists them")
  }

  subscript(_ name: String) -> Int { numbers[name] ?? 1 }
}
