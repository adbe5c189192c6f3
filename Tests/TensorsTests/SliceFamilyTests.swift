import Foundation
import TensorIR
import Testing

@testable import Tensors

/// Runs a body with an executor of its own; gives how many functions it compiled.
func compilations(_ body: () throws -> Void) rethrows -> Int {
  let executor = Executor()
  try Executor.$current.withValue(executor, operation: body)
  return executor.compilations
}

/// Expressions that differ in sizes and numbers alone share a function.
@Suite struct SliceFamilyTests {
  /// Numbers that are exact in f32 whatever the order of sums.
  private func integers(_ rows: Int, _ columns: Int) -> Tensor {
    Tensor((0..<rows * columns).map { Float($0 % 7 - 3) }, shape: [rows, columns])
  }

  @Test func aLoopOverManyShapesCompilesAtMostTwice() throws {
    let weights = integers(64, 32)
    let count = try compilations { () throws in
      for rows in 500..<700 {
        let x = integers(rows, 64)
        let y = try (x.matmul(weights) + 1).relu().sum(axis: 1).floats()
        #expect(y.count == rows)
        if rows % 50 == 0 {
          let alone = try (x[rows - 1].reshaped(to: [1, 64]).matmul(weights) + 1).relu().sum().item()
          #expect(Double(y[rows - 1]) == alone)
        }
      }
    }
    #expect((1...2).contains(count), "\(count)")
  }

  @Test func batchesBySlicingShareAFunction() throws {
    let data = integers(5000, 300)
    var sums: [Double] = []
    let count = try compilations { () throws in
      for batch in 0..<40 {
        let part = data[batch * 128..<Swift.min((batch + 1) * 128, 5000)]
        sums.append(try (part * part + part).sum().item())
      }
    }
    #expect(count <= 2, "\(count)")
    #expect(try sums.reduce(0, +) == (data * data + data).sum().item())
  }

  @Test func partsOfOtherAxesShareAFunction() throws {
    let data = integers(700, 900)
    let count = try compilations { () throws in
      for start in stride(from: 0, to: 880, by: 40) {
        let part = data[.all, start..<start + 20]
        let sum = try (part * part).sum().item()
        let rows = try data.floats()
        let wanted = (0..<700).reduce(0) { total, row in
          total + rows[row * 900 + start..<row * 900 + start + 20].reduce(0) { $0 + $1 * $1 }
        }
        #expect(sum == Double(wanted))
      }
    }
    #expect(count <= 2, "\(count)")
  }

  @Test func sizesThatFollowFromOthersAreFound() throws {
    let count = try compilations { () throws in
      for size in [600, 701, 602, 703] {
        let x = integers(size, 400)
        let pairs = (x[1...] - x[0..<(size - 1)]).reshaped(to: [(size - 1) * 400])
        #expect(try pairs.floats().count == (size - 1) * 400)
        #expect(try pairs.sum().item() == (x[-1] - x[0]).sum().item())
      }
    }
    // One with numbers and one with symbols for each of the two expressions that are large.
    #expect(count <= 4, "\(count)")
  }

  @Test func sizesThatAgreedByChanceDoNotBind() throws {
    // Twice the two operands have one extent; the third time they broadcast along it, so that it must be another
    // function.
    for (left, right) in [(800, 800), (900, 900), (1000, 1), (1, 1100), (700, 700)] {
      let (a, b) = (integers(left, 1500), integers(right, 1500))
      let sum = try (a * 2 + b).sum(axis: 1).floats()
      #expect(sum.count == Swift.max(left, right))
      let last = try (a[-1] * 2 + b[-1]).sum().item()
      #expect(Double(sum[sum.count - 1]) == last)
    }
  }

  /// Axes and steps are no sizes: each is a function of its own, and the sizes beside them are symbols all the same.
  @Test func whatCannotBeASymbolIsCompiledAsItIs() throws {
    let count = try compilations { () throws in
      for rows in stride(from: 1000, to: 1200, by: 10) {
        let x = integers(rows, 900)
        for axis in [0, 1] { #expect(try (x * 2).sum(axis: axis).sum().item() == 2 * x.sum().item()) }
      }
      let x = integers(1200, 900)
      for step in [1, 2, 3] {
        let part = x[.stride(by: step)] * 2
        #expect(try part.sum().item() == 2 * x[.stride(by: step)].sum().item())
      }
    }
    #expect(count <= 12, "\(count)")
  }

  /// The numbers among an op's attributes become operands when a second one is seen.
  @Test func numbersThatChangeAreOperands() throws {
    let x = integers(900, 1000)
    let rows = try x.floats()
    let forms: [(Double) -> Tensor] = [
      { (x * $0 + 1).sum(axis: 1) },
      { ((x + 1).full($0, [900, 1000]) * x).sum(axis: 1) },
      { ((x + 1).padded(before: [1, 0], after: [0, 2], value: $0) * 2).sum(axis: 1)[1...] },
      { (x.leakyRelu(alpha: $0) * 2).sum(axis: 1) },
      { (x.elu(alpha: $0) * 2).sum(axis: 1) },
      { (x.hardSigmoid(alpha: $0, beta: 0.25) * 2).sum(axis: 1) },
      { (x.clip(minimum: -$0, maximum: $0) * 2).sum(axis: 1) },
    ]
    let first = rows[..<1000].map(Double.init)
    let formulas: [(Double) -> Double] = [
      { number in first.reduce(0) { $0 + $1 * number + 1 } },
      { number in first.reduce(0) { $0 + $1 * number } },
      { number in first.reduce(0) { $0 + ($1 + 1) * 2 } + 4 * number },
      { number in first.reduce(0) { $0 + ($1 > 0 ? $1 : number * $1) * 2 } },
      { number in first.reduce(0) { $0 + ($1 > 0 ? $1 : number * (exp($1) - 1)) * 2 } },
      { number in first.reduce(0) { $0 + Swift.max(0, Swift.min(1, number * $1 + 0.25)) * 2 } },
      { number in first.reduce(0) { $0 + Swift.max(-number, Swift.min(number, $1)) * 2 } },
    ]
    for (form, formula) in zip(forms, formulas) {
      let count = try compilations { () throws in
        for number in [0.5, 0.25, 1.5, 0.75, 2.5, 0.125] {
          let found = try form(number).floats()[0]
          #expect(abs(Double(found) - formula(number)) <= 1e-4 * abs(formula(number)) + 1e-2)
        }
      }
      #expect(count <= 2, "\(count)")
    }
  }
}
