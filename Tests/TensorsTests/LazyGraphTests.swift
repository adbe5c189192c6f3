import TensorIR
import Testing

@testable import Tensors

/// Serialized: counts of what the one graph holds would be disturbed by other tests.
@Suite(.serialized) struct LazyGraphTests {
  @Test func aLongChainIsEvaluatedAndFreedWithoutTheStack() throws {
    let one = Tensor(1)
    var sum = Tensor(0)
    for _ in 0..<100_000 { sum = sum + one }
    #expect(try sum.item() == 100_000)
    var dropped = Tensor(0)
    for _ in 0..<1_000_000 { dropped = dropped + one }
    dropped = one
    #expect(try dropped.item() == 1)
  }

  @Test func evaluatedOperationsAreLetGo() throws {
    let x = Tensor([1, 2])
    let before = LazyGraph.shared.population.operations
    var y = x
    for _ in 0..<500 { y = y + x }
    #expect(LazyGraph.shared.population.operations >= before + 500)
    try y.evaluate()
    #expect(LazyGraph.shared.population.operations < before + 400)
  }

  @Test func aSharedIntermediateIsComputedOnce() throws {
    let x = Tensor([1, 2])
    let shared = x * x
    let left = shared + 1
    try left.evaluate()
    #expect(!LazyGraph.shared.isPending(shared))
    #expect(try (shared - 1).array(of: Float.self) == [0, 3])
  }

  @Test func smallExpressionsAreNotCompiledAndLargeOnesOnce() throws {
    let small = Tensor([1, 2, 3])
    let none = try compilations { () throws in
      for factor in 1...20 { #expect(try (small * Double(factor)).sum(axes: [0]).item() == Double(6 * factor)) }
    }
    #expect(none == 0)
    var random = RandomNumbers(seed: 3)
    let large = random.uniform([657, 731])
    let right = random.uniform([731, 729])
    let one = try compilations { () throws in
      for factor in 1...3 { try (large.matmul(right) * Double(factor)).relu().evaluate() }
    }
    #expect(one == 1)
  }

  /// What was compiled is known by its attributes' bits: -0 is not 0, and NaN is itself. From the second on they are
  /// operands.
  @Test func attributesAreComparedByTheirBits() throws {
    var random = RandomNumbers(seed: 4)
    let (left, right) = (random.uniform([863, 931]), random.uniform([931, 927]))
    func corner(_ value: Double) throws -> Float {
      let padded = left.matmul(right).padded(before: [1, 0], after: [0, 0], value: value)
      return try padded.array(of: Float.self)[0]
    }
    let count = try compilations { () throws in
      #expect(try corner(0).sign == .plus)
      #expect(try corner(-0.0).sign == .minus)
      for _ in 0..<3 { #expect(try corner(.nan).isNaN) }
      #expect(try corner(0).sign == .plus)
    }
    #expect(count == 2)
  }

  @Test func compiledAndEvaluatedAgree() throws {
    var random = RandomNumbers(seed: 5)
    let (a, b) = (random.normal([300, 70]), random.normal([70, 61]))
    let product = a.matmul(b).softmax(axis: 1)
    let rows = try product.array(of: Float.self)
    let first = try a.sliced(axis: 0, start: 0, size: 2).matmul(b).softmax(axis: 1).array(of: Float.self)
    for (x, y) in zip(rows, first) { #expect(abs(x - y) < 1e-5) }
  }

  @Test func severalResultsAreComputedTogether() throws {
    let x = Tensor([1, 2])
    let both = Pair(x + x, x * x)
    try both.evaluateAll()
    #expect(!LazyGraph.shared.isPending(both.first) && !LazyGraph.shared.isPending(both.second))
  }
}
