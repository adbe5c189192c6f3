import Foundation
import TensorIR
import TensorOps
import Testing

@testable import Tensors

/// Runs a body on several threads at once; gives their results in order.
func onThreads<Result: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
  let notes = Notes<Swift.Result<Result, any Error>>()
  let group = DispatchGroup()
  let executor = Executor.current
  for index in 0..<count {
    group.enter()
    Thread.detachNewThread {
      notes.set(index, Swift.Result { try Executor.$current.withValue(executor) { try body(index) } })
      group.leave()
    }
  }
  group.wait()
  return try (0..<count).map { try notes.get($0)!.get() }
}

/// Values that threads set.
final class Notes<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Int: Value] = [:]
  func set(_ index: Int, _ value: Value) { lock.withLock { values[index] = value } }
  func get(_ index: Int) -> Value? { lock.withLock { values[index] } }
}

@Suite struct ThreadTests {
  private func integers(_ rows: Int, _ columns: Int) -> Tensor {
    Tensor((0..<rows * columns).map { Float($0 % 7 - 3) }, shape: [rows, columns])
  }

  /// What compiles for long, whatever the cache holds: the sizes are new.
  private func large() -> Tensor {
    let size = Int.random(in: 900..<3000)
    let x = integers(size, 601)
    return (0..<8).reduce(x) { sum, step in (sum * x).tanh() + sum.sum(axis: 1).reshaped(to: [Dimension(size), 1]) }
  }

  /// Nothing small waits while another thread compiles: neither for the graph's lock nor for the compiler.
  @Test func smallOperationsDoNotWaitForCompilers() throws {
    let notes = Notes<Bool>()
    let large = large()
    let executor = Executor()
    Thread.detachNewThread {
      Executor.$current.withValue(executor) { _ = try? large.evaluate() }
      notes.set(0, true)
    }
    let x = Tensor([1, 2, 3])
    var longest = 0.0
    var count = 0
    while notes.get(0) == nil {
      let start = Date()
      #expect(try (x + Tensor([Double(count), 0, 0])).floats() == [Float(count + 1), 2, 3])
      longest = Swift.max(longest, Date().timeIntervalSince(start))
      count += 1
      Thread.sleep(forTimeInterval: 0.002)
    }
    #expect(executor.compilations == 1 && count > 10, "\(count) operations, the longest of \(longest) s")
  }

  @Test func twoThreadsCompileOneFunctionOnce() throws {
    let size = Int.random(in: 2000..<4000)
    let x = integers(size, 601)
    _ = try x.evaluate()
    let count = try compilations { () throws in
      let results = try onThreads(4) { index in
        try ((x * x + x) * Double(index + 1)).sum(axis: 1).relu().floats()[0]
      }
      #expect(results == results.indices.map { results[0] * Float($0 + 1) })
    }
    #expect(count == 1, "\(count)")
  }

  /// All need the results of one computation, which runs once, and each adds its own.
  @Test func threadsShareWhatIsComputed() throws {
    let x = integers(300, 40)
    for round in 0..<20 {
      let shared = (x * Double(round)).matmul(x.transposed([1, 0]))
      let results = try onThreads(8) { index in try (shared + Double(index)).sum().item() }
      for (index, sum) in results.enumerated() {
        #expect(sum == results[0] + Double(300 * 300 * index))
      }
    }
  }

  @Test func chainsOfSeveralThreadsMeet() throws {
    let one = Tensor(1)
    var sum = Tensor(0)
    var parts: [Tensor] = []
    for step in 0..<4000 {
      sum = sum + one
      if step % 500 == 499 { parts.append(sum) }
    }
    let tensors = parts
    #expect(try onThreads(8) { try tensors[$0].item() } == (1...8).map { Double($0 * 500) })
  }

  @Test func mistakesReachAllThreads() throws {
    let x = Tensor([1, 2, 3])
    let wrong = x.gather(Tensor([7], .i64), axis: 0) + 1
    let found = try onThreads(6) { _ in
      do {
        _ = try (wrong * 2).evaluate()
        return "none"
      } catch { return "\(error)" }
    }
    for text in found { #expect(text.contains("index-out-of-range")) }
  }

  @Test func tracesOfSeveralThreadsAreApart() throws {
    let weights = integers(3, 2)
    let functions = try onThreads(4) { index in
      try trace(TensorType.f32("n", 3), name: "f\(index)") { x in x.matmul(weights).relu() * Double(index) }
    }
    for (index, function) in functions.enumerated() {
      #expect("\(function)".contains("func @f\(index)(%x0: f32[n, 3])"))
    }
  }
}
