import Foundation
import TensorTraining

typealias Chore = @Sendable (Shared, Moment, Int) async throws -> Void

let chores: [(String, Chore)] = [
  ("lazy", lazy), ("large and lazy", large), ("reading", reading), ("mistakes", mistakes), ("calling", calling),
  ("awaiting", awaiting), ("cancelling", cancelling), ("updating", updating), ("layers", layers),
  ("random numbers", randomNumbers), ("loading", loading), ("compiling", compiling), ("training", training),
]

@Sendable func lazy(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  for count in 1...20 {
    let sum = try (Tensor.full(Double(index), [count]) + 1).relu().sum().item()
    try require(sum == Double(count * (index + 1)), "the sum is \(sum)")
  }
  // Needs what the others need as well.
  let most = try (moment.small * Double(index + 1)).max().item()
  try require(most == Double((46 + moment.round) * (index + 1)), "the maximum is \(most)")
}

@Sendable func large(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  let mean = try (moment.large * Double(index)).mean().item()
  let wanted = Double(index) * (tanh(Double(moment.round)) + 1)
  try require(abs(mean - wanted) < 1e-3, "the mean is \(mean), not \(wanted)")
}

@Sendable func reading(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  let numbers = (0..<24).map { Float(2 * $0 + moment.round) }
  try require(try moment.small.array(of: Float.self), numbers)
  try require(try moment.small.withUnsafeBytes { $0.load(as: Float.self) } == numbers[0], "other bytes")
  try require(try moment.small[index % 4].floats(), Array(numbers[6 * (index % 4)..<6 * (index % 4) + 6]))
  try require(try moment.small.rows[1].floats(), Array(numbers[6..<12]))
  try require("\(moment.small)".contains("\(46 + moment.round)"), "\(moment.small)")
}

/// All see the same mistake, which none has asked for before.
@Sendable func mistakes(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  let wrong = moment.small.matmul(moment.small) + Double(index)
  let found: String
  do { found = "\(try wrong.floats())" } catch { found = "\(error)" }
  try require(found.contains("shape"), found)
}

@Sendable func calling(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  for _ in 0..<20 { try require(try call(shared, index), shared.wanted[index]) }
}

/// The form that does not await.
private func call(_ shared: Shared, _ index: Int) throws -> [Float] {
  try shared.forward(shared.inputs[index], shared.network).floats()
}

@Sendable func awaiting(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  for _ in 0..<5 {
    async let other = shared.forward(shared.inputs[7 - index], shared.network)
    let own = try await shared.forward(shared.inputs[index], shared.network)
    try require(try own.floats(), shared.wanted[index])
    try require(try await other.floats(), shared.wanted[7 - index])
  }
}

@Sendable func cancelling(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  let calls = (0..<4).map { _ in Task { try await shared.forward(shared.inputs[index], shared.network).floats() } }
  for _ in 0..<index { await Task.yield() }
  calls[1].cancel()
  calls[3].cancel()
  for (number, call) in calls.enumerated() {
    do { try require(try await call.value, shared.wanted[index]) } catch is CancellationError {
      try require(number % 2 == 1, "call \(number) was not cancelled")
    }
  }
}

/// Everybody's state passes through the one memory of the step; what was held before keeps its elements.
@Sendable func updating(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  var state = shared.state()
  let targets = Tensor.full(Double(index), [3, 2])
  var before: [(state: Network, numbers: [Float])] = []
  for round in 0..<3 {
    let loss =
      round == 1
      ? try await shared.step(&state, shared.inputs[0], targets) : try step(shared, &state, shared.inputs[0], targets)
    before.append((state.first, try state.first.second.weight.floats()))
    _ = try loss.item()
  }
  for (network, numbers) in before { try require(try network.second.weight.floats(), numbers) }
  try require(before[0].numbers != before[2].numbers, "nothing was learnt")
}

/// The form that does not await.
private func step(_ shared: Shared, _ state: inout State, _ x: Tensor, _ y: Tensor) throws -> Tensor {
  try shared.step(&state, x, y)
}

@Sendable func layers(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  try require(try shared.network(shared.inputs[index]).floats(), shared.wanted[index])
  let (loss, gradient) = try valueAndGradient(at: shared.network) { $0(moment.small).sum() }
  try require(try gradient.second.bias?.floats() ?? [], [4, 4])
  try require(try loss.item().isFinite, "the loss is not finite")
}

@Sendable func randomNumbers(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  let wanted = try withRandomNumbers(seed: UInt64(index)) { try Linear(3, 2).weight.floats() }
  // The process' own generator, which all draw from.
  try require(try Tensor.uniform([9]).floats().allSatisfy { (0..<1).contains($0) }, "numbers out of range")
  if index == 0 { seedRandomNumbers(1) }
  try await withRandomNumbers(seed: UInt64(index)) {
    await Task.yield()
    try require(try Linear(3, 2).weight.floats(), wanted)
    // Children draw from their parent's generator, both at once.
    async let one = Tensor.normal([5]).floats()
    async let two = Tensor.normal([5]).floats()
    let numbers = try await [one, two]
    try require(numbers[0] != numbers[1], "two draws give the same numbers")
  }
}

@Sendable func loading(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  let order = BatchOrder(count: shared.data.count, size: 3, seed: UInt64(index)).positions(pass: moment.round)
  let batches = Prefetcher(shared.data, order)
  // Two tasks take turns with one loader.
  let count = try await withThrowingTaskGroup(of: Int.self) { group in
    for _ in 0..<2 {
      group.addTask {
        var count = 0
        while let batch = try batches.next() { count += try batch.inputs.floats().count / 6 }
        return count
      }
    }
    return try await group.reduce(0, +)
  }
  try require(count == shared.data.count, "\(count) examples")
  let stopped = Prefetcher(shared.data, order)
  _ = try stopped.next()
  stopped.stop()
}

@Sendable func compiling(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  let factor = index % 2 + 2
  let f = try compile(TensorType.f32("n")) { x in (x * factor).sum() }
  try require(try evaluated(f, Tensor([1, 2, 3])), [Float(6 * factor)])
}

private func evaluated(_ f: CompiledFunction<Tensor, Tensor>, _ x: Tensor) throws -> [Float] { try f(x).floats() }

/// Two runs of training at once, of the same bits; for the compiler's sake in the first round alone.
@Sendable func training(_ shared: Shared, _ moment: Moment, _ index: Int) async throws {
  guard moment.round == 0, index < 2 else { return }
  let trainer = Trainer(shared.network, SGD(rate: 0.01), seed: 5) { network, x, mode in
    network(x, mode)
  } loss: {
    meanSquaredError($0, $1)
  }
  trainer.showsProgress = false
  let passes = try trainer.fit(shared.data, validation: shared.data, passes: 2, batchSize: 16)
  try require(passes.count == 2 && passes[1].trainingLoss.isFinite, "\(passes)")
}
