import Foundation

/// Runs tasks on as many threads as there are tasks, more than there are processors, so that one is interrupted anywhere and
/// the others meet it there.
///
/// Sendable because what changes is under the condition's lock.
final class Threads: TaskExecutor, @unchecked Sendable {
  private let condition = NSCondition()
  private var waiting: [UnownedJob] = []

  init(_ count: Int) {
    for _ in 0..<count {
      let thread = Thread { [self] in while true { next().runSynchronously(on: asUnownedTaskExecutor()) } }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.withLock {
      waiting.append(job)
      condition.signal()
    }
  }

  private func next() -> UnownedJob {
    condition.withLock {
      while waiting.isEmpty { condition.wait() }
      return waiting.removeFirst()
    }
  }
}
