import Foundation
import TensorTraining

/// Adds the two numbers of a sequence that are marked (Hochreiter, Schmidhuber: "Long short-term memory", 1997): a gated
/// recurrent unit over [n, steps, 2], and the sum from its last state.
struct Adder: Module {
  var unit: GRU
  var output: Linear

  init(_ size: Int) {
    unit = GRU(2, size)
    output = Linear(size, 1)
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { output(unit(x).hidden).squeezed(axes: [1]) }
}

/// The share of sums that are right within 0.04.
struct RightSums: PredictionMetric {
  let name = "right sums"
  private var right = 0.0
  private var count = 0
  var value: Double { count == 0 ? .nan : right / Double(count) }

  mutating func reset() { self = RightSums() }

  mutating func add(_ prediction: Tensor, _ target: Tensor) throws {
    right += try ((prediction - target).absolute() .< 0.04).cast(to: .f32).sum().item()
    count += target.shape[0].constant ?? 0
  }
}

/// Sequences of uniform numbers, two of which are marked by a 1 beside them: one in each half.
func sequences(_ count: Int, steps: Int, seed: UInt64) throws -> MemoryDataSet {
  var random = RandomNumbers(seed: seed)
  let numbers = try random.uniform([count, steps]).array(of: Float.self)
  let half = steps / 2
  let first = try random.integers([count], in: 0..<half).array(of: Int64.self)
  let second = try random.integers([count], in: half..<steps).array(of: Int64.self)
  var inputs = [Float](repeating: 0, count: count * steps * 2)
  var sums = [Float](repeating: 0, count: count)
  for row in 0..<count {
    for step in 0..<steps { inputs[(row * steps + step) * 2] = numbers[row * steps + step] }
    for place in [Int(first[row]), Int(second[row])] {
      inputs[(row * steps + place) * 2 + 1] = 1
      sums[row] += numbers[row * steps + place]
    }
  }
  return try MemoryDataSet(Rows(floats: inputs, shape: [steps, 2]), Rows(floats: sums))
}

func run() throws {
  var numbers = ["--passes": 12, "--examples": 20_000, "--steps": 50, "--size": 64]
  var output = "gru"
  var words = CommandLine.arguments.dropFirst()
  while let word = words.popFirst() {
    let value = words.popFirst()
    if word == "--output", let value {
      output = value
    } else if numbers[word] != nil, let number = value.flatMap({ Int($0) }),
      number > 1 || word == "--passes" && number > 0
    {
      numbers[word] = number
    } else {
      throw TrainingError(
        "there are --passes N, --examples N, --steps N, --size N and --output FOLDER, not \(word) \(value ?? "")")
    }
  }
  let (passes, steps) = (numbers["--passes"] ?? 1, numbers["--steps"] ?? 2)
  let training = try sequences(numbers["--examples"] ?? 2, steps: steps, seed: 1)
  let test = try sequences(2000, steps: steps, seed: 2)
  let batch = 64
  let total = passes * ((training.count + batch - 1) / batch)
  let trainer = Trainer(
    withRandomNumbers(seed: 1) { Adder(numbers["--size"] ?? 64) }, Adam(rate: 4e-3, epsilon: 1e-8),
    schedule: CosineSchedule(4e-3, least: 1e-4, period: total), clipping: .globalNorm(1), seed: 1
  ) { model, x, mode in
    model(x, mode)
  } loss: { sum, target in
    meanSquaredError(sum, target)
  }
  try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
  try trainer.fit(
    training, validation: test, passes: passes, batchSize: batch, metrics: [RightSums()],
    checkpoints: Checkpoints("\(output)/run.safetensors"), report: "\(output)/report.html")
}

do { try run() } catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
