import Foundation
import TensorIR
import TensorTraining
import Testing

/// Runs of training on small made-up pictures: four kinds, each a bar somewhere, with noise.
@Suite struct TrainerTests {
  struct Network: Module {
    var first = Conv2d(1, 6, kernel: 3, padding: .same)
    var norm = BatchNorm(6)
    var dropout = Dropout(0.2)
    var output = Linear(6 * 4 * 4, 4)
    func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      output(dropout(MaxPool2d(2)(norm(first(x), mode).relu()).flattened(start: 1), mode))
    }
  }

  private static func pictures(_ count: Int, seed: UInt64) throws -> MemoryDataSet {
    var random = RandomNumbers(seed: seed)
    let labels = try random.integers([count], in: 0..<4).array(of: Int64.self)
    var bytes = try random.integers([count, 64], in: 0..<120, .u8).array(of: UInt8.self)
    for (row, label) in labels.enumerated() {
      for place in 0..<8 {
        let lines = [8 + place, 48 + place, 8 * place + 1, 8 * place + 6]
        bytes[row * 64 + lines[Int(label)]] += 100
      }
    }
    return try MemoryDataSet(Rows(bytes: bytes, shape: [1, 8, 8], scale: 1 / 255), Rows(integers: labels))
  }

  private func trainer(averaging: Double? = 0.9) -> Trainer<Network, AdamW> {
    let network = withRandomNumbers(seed: 4) { Network() }
    let trainer = Trainer(
      network, AdamW(rate: 0.01), schedule: CosineSchedule(0.02, period: 40), clipping: .globalNorm(1), seed: 7,
      averaging: averaging
    ) { network, x, mode in
      network(x, mode)
    } loss: {
      crossEntropy($0, $1)
    }
    trainer.showsProgress = false
    return trainer
  }

  /// Weights stay f32, and the run learns what the one in f32 learns.
  @Test func stepsInBF16LearnAsWell() throws {
    let data = try TrainerTests.pictures(150, seed: 1)
    let (exact, rounded) = (trainer(), trainer())
    rounded.precision = .bf16
    let wanted = try exact.fit(data, passes: 3, batchSize: 16)[2].trainingLoss
    let found = try rounded.fit(data, passes: 3, batchSize: 16)[2].trainingLoss
    #expect(found != wanted && abs(found - wanted) < 0.05 * wanted + 0.02, "\(found), \(wanted) in f32")
    #expect(rounded.state.namedTensors.allSatisfy { $0.tensor.elementType != .bf16 })
  }

  private struct Interruption: Error {}
  private struct Killer: TrainingCallback {
    var step: Int
    func stepEnded(_ step: Int, loss: Double) throws { if step == self.step { throw Interruption() } }
  }

  private func bits(_ trainer: Trainer<Network, AdamW>) throws -> [String: [UInt8]] {
    var all: [String: [UInt8]] = [:]
    for (name, tensor) in trainer.state.namedTensors {
      all[name] = try tensor.hostArray().withUnsafeBytes { [UInt8]($0) }
    }
    return all
  }

  /// A run that is interrupted in the middle of a pass goes on to the same bits, with a last batch that is smaller,
  /// dropout, batch normalisation, shuffling, a schedule and a mean of models.
  @Test func interruptedRunsGoOnToTheSameBits() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trainer-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let data = try TrainerTests.pictures(150, seed: 1)
    let test = try TrainerTests.pictures(50, seed: 2)
    let whole = trainer()
    let report = folder.appendingPathComponent("report.html").path
    let passes = try whole.fit(
      data, validation: test, passes: 3, batchSize: 16, metrics: [Accuracy()], report: report)
    #expect(passes.count == 3 && passes[2].step == 30)
    #expect(passes[2].trainingLoss < passes[0].trainingLoss / 2)
    #expect((passes[2].metrics["accuracy"] ?? 0) > 0.9, "\(passes)")
    let html = try String(contentsOfFile: report, encoding: .utf8)
    #expect(
      html.contains("<polyline") && html.contains("accuracy") && !html.contains("http") && !html.contains("<script"))

    let path = folder.appendingPathComponent("run.safetensors").path
    let checkpoints = Checkpoints(path, everySteps: 4)
    var last: [PassSummary] = []
    for step in [6, 17, 0] {
      // Each time as if in a process of its own.
      let part = trainer()
      part.callbacks = [Killer(step: step)]
      do {
        last = try part.fit(
          data, validation: test, passes: 3, batchSize: 16, metrics: [Accuracy()], checkpoints: checkpoints)
        #expect(step == 0)
        let (found, wanted) = (try bits(part), try bits(whole))
        #expect(found.keys.sorted() == wanted.keys.sorted())
        for (name, value) in wanted { #expect(found[name] == value, "\(name)") }
      } catch is Interruption { #expect(step != 0) }
    }
    #expect(last.map(\.trainingLoss) == passes.map(\.trainingLoss))
    #expect(last.map(\.validationLoss) == passes.map(\.validationLoss))

    // In the middle of a pass a run goes on through the same batches only.
    let middle = trainer()
    middle.callbacks = [Killer(step: 6)]
    let begun = Checkpoints(folder.appendingPathComponent("begun.safetensors").path, everySteps: 4)
    #expect(throws: Interruption.self) { try middle.fit(data, passes: 3, batchSize: 16, checkpoints: begun) }
    #expect(throws: TrainingError.self) { try trainer().fit(data, passes: 3, batchSize: 8, checkpoints: begun) }

    // A checkpoint is of one model only.
    var other = Linear(2, 2)
    #expect(throws: TrainingError.self) { try other.load(try loadTensors(path)) }
  }

  /// Parts of a batch count by their examples; a last batch may have fewer examples than there are parts.
  @Test func microBatchesAreOneBatch() throws {
    var random = RandomNumbers(seed: 5)
    let data = try MemoryDataSet(random.uniform([10, 3]).evaluate(), random.uniform([10, 2]).evaluate())
    func weights(_ parts: Int) throws -> [Float] {
      let model = withRandomNumbers(seed: 3) { Linear(3, 2) }
      let trainer = Trainer(model, SGD(rate: 0.1)) { model, x, _ in
        model(x)
      } loss: {
        meanSquaredError($0, $1)
      }
      trainer.showsProgress = false
      trainer.microBatches = parts
      try trainer.fit(data, passes: 2, batchSize: 8)
      return try trainer.model.weight.array(of: Float.self)
    }
    let whole = try weights(1)
    for (a, b) in zip(whole, try weights(3)) { #expect(abs(a - b) < 1e-6) }
    #expect(throws: TrainingError.self) { try weights(0) }
  }

  /// scripts/acceptance/mpi.py has ranks that share; one has everything.
  @Test func whatAnOptimizerRemembersIsSharedWhereElementsStandAlone() throws {
    let data = try MemoryDataSet(Tensor.ones([4, 2]), Tensor.ones([4, 2]))
    func weights<Method: RatedOptimizer>(_ method: Method, shares: Bool) throws -> [Float] {
      let trainer = Trainer(withRandomNumbers(seed: 3) { Linear(2, 2) }, method) { model, x, _ in
        model(x)
      } loss: {
        meanSquaredError($0, $1)
      }
      trainer.showsProgress = false
      trainer.sharesOptimizerState = shares
      try trainer.fit(data, passes: 2, batchSize: 4)
      return try trainer.model.weight.array(of: Float.self)
    }
    #expect(try weights(AdamW(), shares: true) == weights(AdamW(), shares: false))
    let error = #expect(throws: TrainingError.self) { try weights(Muon(), shares: true) }
    #expect(error.map { "\($0)".contains("Muon") } == true)
  }

  @Test func runsStopEarly() throws {
    #expect(EarlyStopping(patience: 1).stops([3, 3]))
    #expect(!EarlyStopping(patience: 2).stops([3, 3]))
    #expect(EarlyStopping("accuracy", patience: 1, isBetterGreater: true).stops([0.5, 0.4]))
    #expect(!EarlyStopping("accuracy", patience: 1, isBetterGreater: true).stops([0.4, 0.5]))
    #expect(!EarlyStopping(patience: 1).stops([]))
    let data = try MemoryDataSet(Tensor.ones([4, 1]), Tensor.ones([4, 1]))
    let trainer = Trainer(Linear(1, 1), SGD(rate: 0)) { model, x, _ in
      model(x)
    } loss: {
      meanSquaredError($0, $1)
    }
    trainer.showsProgress = false
    #expect(try trainer.fit(data, passes: 9, batchSize: 2, earlyStopping: EarlyStopping(patience: 2)).count == 3)
  }

  /// A wrong shape in a network names the user's line, however deep the loop is that runs it.
  @Test func mistakesNameTheUsersLine() throws {
    struct Wrong: Module {
      var first = Linear(3, 4)
      var second = Linear(5, 1)
      static let line = #line + 1
      func callAsFunction(_ x: Tensor) -> Tensor { second(first(x).relu()) }
    }
    let trainer = Trainer(Wrong(), SGD(rate: 0.1)) { model, x, _ in
      model(x)
    } loss: {
      meanSquaredError($0, $1)
    }
    trainer.showsProgress = false
    do {
      try trainer.fit(try MemoryDataSet(Tensor.ones([4, 3]), Tensor.ones([4, 1])), passes: 1, batchSize: 2)
      Issue.record("nothing is wrong")
    } catch let error as Diagnostic {
      guard case .source(let file, let line, _) = error.location else { throw error }
      #expect(file.hasSuffix("TrainerTests.swift") && line == Wrong.line, "\(error)")
    }
  }
}
