import Foundation
import TensorIR
import Testing

@testable import Tensors

/// Tuples and dictionaries as what functions give, and results beside a gradient.
@Suite struct StructureTests {
  @Test func functionsGiveTuples() throws {
    let f = try compile(TensorType.f32("n")) { x in
      let products = [x * 2, x * 3]
      return (x + 1, products)
    }
    let (more, products) = try f(Tensor([1, 2]))
    #expect(try more.floats() == [2, 3])
    #expect(try products[1].floats() == [3, 6])
    let g = try compile(TensorType.f32("n"), TensorType.f32("n")) { x, y in
      let sum = x + y
      return (sum, x - y, sum.sum())
    }
    let (sum, difference, total) = try g(Tensor([1, 2]), Tensor([10, 20]))
    #expect(try sum.floats() == [11, 22])
    #expect(try difference.floats() == [-9, -18])
    #expect(try total.item() == 33)
  }

  @Test func functionsTakeAndGiveDictionaries() throws {
    let weights = ["b": Tensor([10, 20]), "a": Tensor([1, 2])]
    let f = try compile(weights, TensorType.f32(2)) { weights, x in
      ["sum": x + weights["a"]!, "product": x * weights["b"]!]
    }
    let found = try f(weights, Tensor([3, 4]))
    #expect(try found["sum"]!.floats() == [4, 6])
    #expect(try found["product"]!.floats() == [30, 80])
    #expect(f.ir.resultNames == ["product", "sum"])
  }

  @Test func gradientsAreTuplesAndDictionaries() throws {
    let (a, b) = (Tensor([1, 2]), Tensor([3, 4]))
    let (da, db) = try gradient(at: (a, b)) { a, b in (a * b).sum() }
    #expect(try da.floats() == [3, 4])
    #expect(try db.floats() == [1, 2])
    let found = try gradient(at: ["x": a, "y": b]) { ($0["x"]! * $0["x"]! + $0["y"]!).sum() }
    #expect(try found["x"]!.floats() == [2, 4])
    #expect(try found["y"]!.floats() == [1, 1])
  }

  @Test func otherResultsComeWithTheGradient() throws {
    let x = Tensor([1, 2])
    let (value, squares, gradient) = try valueAndGradient(at: x) { x in
      let squares = x * x
      return (squares.sum(), squares)
    }
    #expect(try value.item() == 5)
    #expect(try squares.floats() == [1, 4])
    #expect(try gradient.floats() == [2, 4])
    // Within a trace too.
    let f = try compile(TensorType.f32(2)) { x in
      let (value, rest, slope) = try valueAndGradient(at: x) { (($0 * $0 * $0).sum(), [$0 + 1, $0]) }
      return [value, rest[0], rest[1], slope]
    }
    let found = try f(x)
    #expect(try found.map { try $0.floats() } == [[9], [2, 3], [1, 2], [3, 12]])
  }
}

/// What a trace makes a constant of is not changed without a word.
@Suite struct FixedValueTests {
  struct Trainer: Module {
    var weight = Tensor([1, 2])
    var optimizer = SGD(rate: 0.5)
    var dropout = Dropout(0.25)
    var activation = Activation.relu
    var steps = 0
    var losses: [Double] = []

    mutating func step(_ x: Tensor, _ noise: Tensor) throws -> Tensor {
      let (loss, gradient) = try valueAndGradient(at: weight) {
        (activation(dropout($0 * x, training: noise)) * x).sum()
      }
      var state: [Tensor] = []
      optimizer.update(&weight, &state, along: gradient)
      return loss
    }

    mutating func visit(_ visitor: TensorVisitor) { visitor("weight", &weight) }
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func aRateThatChangedIsRefused() throws {
    var trainer = Trainer()
    let step = try compile(updating: trainer, TensorType.f32(2), TensorType.f32(2)) {
      (trainer: inout Trainer, x: Tensor, noise: Tensor) in try trainer.step(x, noise)
    }
    let (x, noise) = (Tensor([1, 1]), Tensor([0.5, 0.5]))
    _ = try step(&trainer, x, noise)
    trainer.steps += 1
    trainer.losses.append(3)
    let weights = try trainer.weight.floats()
    trainer.optimizer.rate = 0.125
    let text = message { _ = try step(&trainer, x, noise) }
    #expect(text.contains("[fixed-value]") && text.contains("'optimizer.rate' is 0.125 and was 0.5"), "\(text)")
    trainer.optimizer.rate = 0.5
    trainer.dropout.probability = 0.5
    #expect(message { _ = try step(&trainer, x, noise) }.contains("'dropout.probability'"))
    trainer.dropout.probability = 0.25
    trainer.activation = .tanh
    #expect(message { _ = try step(&trainer, x, noise) }.contains("'activation' is tanh"))
    trainer.activation = .relu
    #expect(try trainer.weight.floats() == weights)
    _ = try step(&trainer, x, noise)
    let f = try compile(trainer, TensorType.f32(2)) { trainer, x in trainer.activation(trainer.weight * x) }
    trainer.activation = .gelu
    #expect(message { _ = try f(trainer, x) }.contains("'activation' is gelu"))
  }

  /// One function for every rate: the step agrees with uncompiled ones at the rates of a schedule.
  @Test func ratesAndProbabilitiesAreInputs() throws {
    let (x, noise) = (Tensor([1, -2, 3]), Tensor([0.1, 0.3, 0.9]))
    func loss(_ w: Tensor, _ probability: Tensor) -> Tensor {
      (Dropout(0).callAsFunction(w * x, training: noise, probability: probability) * w).sum()
    }
    let start = Pair(Tensor([1, 2, 3]), Adam().state(for: Tensor([1, 2, 3])))
    let step = try compile(updating: start, TensorType.f32(), TensorType.f32()) {
      (state: inout Pair<Tensor, AdamState>, rate: Tensor, probability: Tensor) in
      let slope = try gradient(at: state.first) { loss($0, probability) }
      Adam().update(&state.first, &state.second, along: slope, rate: rate)
      return Nothing()
    }
    var state = start
    var (w, own) = (start.first, start.second)
    for (rate, probability) in [(0.5, 0.2), (0.25, 0.2), (0.125, 0.5)] {
      _ = try step(&state, Tensor(rate), Tensor(probability))
      let slope = try gradient(at: w) { (Dropout(probability)($0 * x, training: noise) * $0).sum() }
      Adam(rate: rate).update(&w, &own, along: slope)
      for (a, b) in zip(try state.first.floats(), try w.floats()) { #expect(abs(a - b) < 1e-5) }
    }
    var (p, none) = (Tensor([1]), [Tensor]())
    SGD(rate: 0).update(&p, &none, along: Tensor([2]), rate: Tensor(0.25))
    #expect(try p.floats() == [0.5])
    var (q, adamw) = (Tensor([1]), AdamW().state(for: Tensor([1])))
    var (r, other) = (q, adamw)
    AdamW(rate: 0.5, weightDecay: 0.1).update(&q, &adamw, along: Tensor([2]))
    AdamW(rate: 9, weightDecay: 0.1).update(&r, &other, along: Tensor([2]), rate: Tensor(0.5))
    #expect(try abs(q.item() - r.item()) < 1e-6)
  }
}
