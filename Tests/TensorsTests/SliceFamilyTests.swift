import TensorIR
import Testing

@testable import Tensors

/// Expressions that differ in sizes alone share a function. Serialized: counts of what the one graph compiled would be disturbed by others.
@Suite(.serialized) struct SliceFamilyTests {
  private var executor: Executor { LazyGraph.shared.executor }

  /// Numbers that are exact in f32 whatever the order of sums.
  private func integers(_ rows: Int, _ columns: Int) -> Tensor {
    Tensor((0..<rows * columns).map { Float($0 % 7 - 3) }, shape: [rows, columns])
  }

  @Test func aLoopOverManyShapesCompilesAtMostTwice() throws {
    let weights = integers(64, 32)
    let before = executor.compilations
    for rows in 500..<700 {
      let x = integers(rows, 64)
      let y = try (x.matmul(weights) + 1).relu().sum(axis: 1).floats()
      #expect(y.count == rows)
      if rows % 50 == 0 {
        let alone = try (x[rows - 1].reshaped(to: [1, 64]).matmul(weights) + 1).relu().sum().item()
        #expect(Double(y[rows - 1]) == alone)
      }
    }
    #expect(executor.compilations - before <= 2)
  }

  @Test func batchesBySlicingShareAFunction() throws {
    let data = integers(5000, 300)
    _ = try data.evaluate()
    let before = executor.compilations
    var sums: [Double] = []
    for batch in 0..<40 {
      let part = data[batch * 128..<Swift.min((batch + 1) * 128, 5000)]
      sums.append(try (part * part + part).sum().item())
    }
    #expect(executor.compilations - before <= 2)
    #expect(try sums.reduce(0, +) == (data * data + data).sum().item())
  }

  @Test func sizesThatFollowFromOthersAreFound() throws {
    let before = executor.compilations
    for size in [600, 701, 602, 703] {
      let x = integers(size, 400)
      let pairs = (x[1...] - x[0..<(size - 1)]).reshaped(to: [(size - 1) * 400])
      #expect(try pairs.floats().count == (size - 1) * 400)
      #expect(try pairs.sum().item() == (x[-1] - x[0]).sum().item())
    }
    // One with numbers and one with symbols for each of the two expressions that are large.
    #expect(executor.compilations - before <= 4)
  }

  @Test func sizesThatAgreedByChanceDoNotBind() throws {
    // Twice the two operands have one extent; the third time they broadcast along it, so that it must be another function.
    for (left, right) in [(800, 800), (900, 900), (1000, 1), (1, 1100), (700, 700)] {
      let (a, b) = (integers(left, 1500), integers(right, 1500))
      let sum = try (a * 2 + b).sum(axis: 1).floats()
      #expect(sum.count == Swift.max(left, right))
      let last = try (a[-1] * 2 + b[-1]).sum().item()
      #expect(Double(sum[sum.count - 1]) == last)
    }
  }

  @Test func whatCannotBeASymbolIsCompiledAsItIs() throws {
    let x = integers(1200, 900)
    for axis in [0, 1] { #expect(try x.sum(axis: axis).sum().item() == x.sum().item()) }
    for step in [1, 2, 3] {
      let part = x[.stride(by: step)] * 2
      #expect(try part.sum().item() == 2 * x[.stride(by: step)].sum().item())
    }
  }
}
