import Foundation
import TensorIR
import TensorOps
import TensorRuntime
import Testing

@testable import Tensors

@Suite struct AsyncTests {
  struct Model: Module, Sendable {
    var layer = Linear(64, 32)
    func callAsFunction(_ x: Tensor) -> Tensor { layer(x).tanh() }
    mutating func visit(_ visitor: TensorVisitor) { visitor("layer", &layer) }
  }

  private func requireSendable<Value: Sendable>(_ value: Value) -> Value { value }

  /// Compiling this file in Swift 6 mode is the check.
  @Test func whatUsersHoldIsSendable() throws {
    let f = requireSendable(try compile(TensorType.f32("n", 64), Model()) { x, model in model(x) })
    let state = requireSendable(Pair(Model(), SGD(rate: 0.1).state(for: Model())))
    let step = requireSendable(
      try compile(updating: state, TensorType.f32(2, 64)) { (state: inout Pair<Model, [Tensor]>, x: Tensor) in x.sum() }
    )
    _ = (requireSendable(Tensor(1)), requireSendable(Dropout(0.5)), requireSendable(f.ir), step)
    _ = requireSendable(Adam().state(for: Model()))
  }

  @Test func eightCallersAtOnceGetTheirOwnResults() async throws {
    let f = try compile(TensorType.f32("n", 64), Model()) { x, model in model(x) }
    let model = Model()
    let inputs = (0..<8).map { Tensor.full(Double($0) / 8, [17 * ($0 + 1), 64]) }
    let wanted = try inputs.map { try model($0).floats() }
    for _ in 0..<10 {
      let found = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
        for (index, input) in inputs.enumerated() {
          group.addTask { (index, try await f(input, model).floats()) }
        }
        return try await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
      }
      for (index, numbers) in wanted.enumerated() {
        #expect(found[index]?.count == numbers.count)
        for (a, b) in zip(found[index] ?? [], numbers) { #expect(abs(a - b) < 1e-5) }
      }
    }
  }

  @Test func updatesOfSeveralTasksAreApart() async throws {
    let step = try compile(updating: Tensor([0, 0]), TensorType.f32(2)) { (sum: inout Tensor, x: Tensor) in
      sum = sum + x
      return sum.sum()
    }
    let sums = try await withThrowingTaskGroup(of: [Float].self) { group in
      for index in 0..<8 {
        group.addTask {
          var sum = Tensor([Double(index), 0])
          for _ in 0..<25 { _ = try await step(&sum, Tensor([1, Double(index)])) }
          return try sum.floats()
        }
      }
      return try await group.reduce(into: [[Float]]()) { $0.append($1) }
    }
    let wanted: [[Float]] = (0..<8).map { [Float($0 + 25), Float(25 * $0)] }
    #expect(sums.sorted { $0[0] < $1[0] } == wanted)
  }

  @Test func aCallThatWaitsCanBeCancelled() async throws {
    let queue = CallQueue(width: 1)
    let isOver = DispatchSemaphore(value: 0)
    let long = Task { try await queue.run { isOver.wait() } }
    let waiting = (0..<3).map { index in Task { try await queue.run { index } } }
    while queue.waitingCount < 3 { await Task.yield() }
    waiting[1].cancel()
    await #expect(throws: CancellationError.self) { try await waiting[1].value }
    isOver.signal()
    try await long.value
    #expect(try await waiting[0].value == 0)
    #expect(try await waiting[2].value == 2)
    let late = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await queue.run { 1 }
    }
    late.cancel()
    await #expect(throws: CancellationError.self) { try await late.value }
  }

  @Test func aCancelledUpdateLeavesTheState() async throws {
    let step = try compile(updating: Tensor([0, 0])) { (sum: inout Tensor) in
      sum = sum + 1
      return Nothing()
    }
    let task = Task { () -> ([Float], Bool) in
      while !Task.isCancelled { await Task.yield() }
      var sum = Tensor([1, 2])
      var isCancelled = false
      do { _ = try await step(&sum) } catch is CancellationError { isCancelled = true }
      return (try sum.floats(), isCancelled)
    }
    task.cancel()
    let (numbers, isCancelled) = try await task.value
    #expect(numbers == [1, 2] && isCancelled)
  }

  /// More calls than Swift has threads for tasks, all blocked: tasks still run.
  @Test func blockedCallsLeaveTasksTheirThreads() async throws {
    let queue = CallQueue(width: 64)
    let isOver = DispatchSemaphore(value: 0)
    let calls = (0..<64).map { _ in Task { try await queue.run { isOver.wait() } } }
    while queue.runningCount < 64 { await Task.yield() }
    let sum = await withTaskGroup(of: Int.self) { group in
      for number in 0..<100 { group.addTask { number } }
      return await group.reduce(0, +)
    }
    #expect(sum == 4950)
    for _ in calls { isOver.signal() }
    for call in calls { try await call.value }
  }
}
