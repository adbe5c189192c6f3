import Foundation
import Testing

@testable import Tensors

/// What has not been computed when a step runs is computed of what the tensors were.
@Suite struct ResidenceTests {
  private func doubling(_ state: Tensor) throws -> CompiledUpdate<Tensor, Nothing> {
    try compile(updating: state) { (x: inout Tensor) in
      x = x + x
      return Nothing()
    }
  }

  @Test func whatIsPendingSeesTheOldState() throws {
    var state = Tensor([1, 2])
    let double = try doubling(state)
    let first = state * 10
    _ = try double(&state)
    let second = state * 10
    _ = try double(&state)
    #expect(try first.floats() == [10, 20])
    #expect(try second.floats() == [20, 40])
    #expect(try state.floats() == [4, 8])
  }

  @Test func statesThatTakeTurnsAreApart() throws {
    var (a, b) = (Tensor([1, 2]), Tensor([100, 200]))
    let double = try doubling(a)
    for _ in 0..<3 {
      _ = try double(&a)
      _ = try double(&b)
    }
    #expect(try a.floats() == [8, 16])
    #expect(try b.floats() == [800, 1600])
    let copy = a
    _ = try double(&b)
    #expect(try copy.floats() == [8, 16] && b.floats() == [1600, 3200])
  }

  /// Two steps whose states pass through each other, on two threads: neither waits for the other for ever.
  @Test func statesPassBetweenSteps() throws {
    let (f, g) = (try doubling(Tensor([0])), try doubling(Tensor([0])))
    let results = try onThreads(2) { index in
      var state = Tensor([1])
      for step in 0..<40 { _ = try (step + index) % 2 == 0 ? f(&state) : g(&state) }
      return try state.item()
    }
    #expect(results == [exp2(40), exp2(40)])
  }
}

private struct Trainer {
  var model = Pair(Tensor([1, 2]), Tensor([3]))
  var state = Adam().state(for: Pair(Tensor([1, 2]), Tensor([3])))
}

nonisolated(unsafe) private var trainer = Trainer()

@Suite struct OptimizerPlaceTests {
  @Test func partsOfAGlobalAreUpdated() throws {
    let gradient = Pair(Tensor([1, -1]), Tensor([1]))
    let optimizer = Adam(rate: 0.5)
    var (model, state) = (trainer.model, trainer.state)
    optimizer.update(&model, &state, along: gradient)
    optimizer.update(&trainer, \.model, \.state, along: gradient)
    (trainer.model, trainer.state) = optimizer.updated(trainer.model, trainer.state, along: gradient)
    optimizer.update(&model, &state, along: gradient)
    #expect(try trainer.model.first.floats() == model.first.floats())
    #expect(try trainer.state.step.item() == 2)
  }
}
