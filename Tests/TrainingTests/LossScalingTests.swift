import Foundation
import TensorIR
import TensorTraining
import Testing

/// Losses that are scaled for the sake of f16.
@Suite struct LossScalingTests {
  struct Network: Module {
    var first = Linear(6, 8)
    var second = Linear(8, 2)
    /// In f16, with weights of f32.
    func callAsFunction(_ x: Tensor) -> Tensor {
      let half = mapTensors { $0.cast(to: .f16) }
      return half.second(half.first(x.cast(to: .f16)).tanh())
    }
  }

  /// What is to be found, and beside it a factor of the loss, so that one compiled step serves all factors.
  private static func data(factor: Double) throws -> MemoryDataSet {
    var random = RandomNumbers(seed: 5)
    let x = random.uniform([40, 6], in: -1..<1)
    let wanted = Tensor.concat([x.sliced(axis: 1, start: 0, size: 2) * 2, .full(factor, [40, 1])], axis: 1)
    return try MemoryDataSet(x.evaluate(), wanted.evaluate())
  }

  private func trainer(_ scaling: LossScaling) -> Trainer<Network, Adam> {
    let network = withRandomNumbers(seed: 4) { Network() }
    let trainer = Trainer(network, Adam(rate: 0.02, epsilon: 1e-12)) { network, x, _ in
      network(x)
    } loss: { found, wanted in
      let factor = wanted.sliced(axis: 1, start: 2, size: 1).mean()
      let error = found - wanted.sliced(axis: 1, start: 0, size: 2).cast(to: .f16)
      return error.absolute().mean().cast(to: .f32) * factor
    }
    trainer.showsProgress = false
    trainer.lossScaling = scaling
    return trainer
  }

  private func bits<State: TensorContainer>(_ state: State) throws -> [String: [UInt8]] {
    var all: [String: [UInt8]] = [:]
    for (name, tensor) in state.namedTensors { all[name] = try tensor.hostArray().withUnsafeBytes { [UInt8]($0) } }
    return all
  }

  @Test func `small gradients are kept by a scale`() throws {
    let data = try LossScalingTests.data(factor: 0x1p-26)
    // Without one, they are too small for f16, and nothing is learnt.
    let none = trainer(.none)
    let before = try bits(none.model)
    let unlearnt = try none.fit(data, passes: 1, batchSize: 8)[0].trainingLoss
    #expect(try bits(none.model) == before)
    for scaling in [LossScaling.fixed(32768), .dynamic] {
      let trainer = trainer(scaling)
      let learnt = try trainer.fit(data, passes: 5, batchSize: 8)[4].trainingLoss
      #expect(learnt < 0.75 * unlearnt, "\(learnt) with \(scaling), \(unlearnt) without")
      #expect(try trainer.state.lossScale?.goodSteps.item() == (scaling == .dynamic ? 25 : nil))
    }
  }

  private struct Interruption: Error {}
  private struct Watcher: TrainingCallback {
    var end = Int.max
    var seen: (Int) throws -> Void = { _ in }
    func stepEnded(_ step: Int, loss: Double) throws {
      try seen(step)
      if step == end { throw Interruption() }
    }
  }

  /// What overflows in f16 is left out, to the bit, and halves the scale; a run that is killed meanwhile goes on alike.
  @Test func `steps whose gradients overflow are left out`() throws {
    let data = try LossScalingTests.data(factor: 64)
    let whole = trainer(.dynamic)
    var last = try bits(whole.state)
    var scale = 32768.0
    var taken: [Bool] = []
    whole.callbacks = [
      Watcher(seen: { [unowned whole] _ in
        let now = try bits(whole.state)
        let isLeftOut = try #require(whole.state.lossScale).scale.item() < scale
        for (name, value) in now where name.hasPrefix("model") || name.hasPrefix("optimizerState") {
          if isLeftOut { #expect(value == last[name], "\(name)") }
        }
        let weight = "model.first.weight"
        #expect((now[weight] == last[weight]) == isLeftOut)
        if isLeftOut { scale /= 2 }
        #expect(try whole.state.lossScale?.scale.item() == scale)
        #expect(now["random.words"] != last["random.words"])
        taken.append(!isLeftOut)
        last = now
      })
    ]
    try whole.fit(data, passes: 3, batchSize: 8)
    #expect(taken.count == 15 && taken[0] == false && taken[14], "\(taken)")

    let path = FileManager.default.temporaryDirectory.appendingPathComponent("scaling-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for end in [1, 8, .max] {
      let part = trainer(.dynamic)
      part.callbacks = [Watcher(end: end)]
      do {
        try part.fit(data, passes: 3, batchSize: 8, checkpoints: Checkpoints(path, everySteps: 1))
        #expect(end == .max)
        #expect(try bits(part.state) == bits(whole.state))
      } catch is Interruption { #expect(end != .max) }
    }
  }

  @Test func `the scale doubles after many steps and does not vanish`() throws {
    var scale = LossScale(4)
    let (good, bad) = (Tensor(of: [true], shape: []), Tensor(of: [false], shape: []))
    scale.goodSteps = Tensor(Double(LossScale.interval - 1))
    scale.update(good)
    #expect(try scale.scale.item() == 8 && scale.goodSteps.item() == 0)
    scale.update(good)
    #expect(try scale.scale.item() == 8 && scale.goodSteps.item() == 1)
    for wanted in [4.0, 2, 1, 1] {
      scale.update(bad)
      #expect(try scale.scale.item() == wanted && scale.goodSteps.item() == 0)
    }
    #expect(try Linear(weight: Tensor([[1, .infinity]]), bias: nil).allFinite.item() == 0)
    #expect(try Linear(weight: Tensor([[1, 2]]), bias: Tensor([1, 2])).allFinite.item() == 1)
  }

  /// A model that gives NaN whatever the scale is a mistake, not a run that learns nothing.
  @Test func `gradients that are never finite end the run`() throws {
    let data = try LossScalingTests.data(factor: .nan)
    let broken = trainer(.dynamic)
    #expect(throws: TrainingError.self) { try broken.fit(data, passes: 4, batchSize: 8) }
  }
}
