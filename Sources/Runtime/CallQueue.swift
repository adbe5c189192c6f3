import Dispatch

/// Runs what blocks on threads of its own, for callers that await it: the threads of Swift's tasks stay free. As many
/// calls run at once as there are processors; the others wait in order, without a thread.
///
/// Sendable because all that changes is under its lock.
package final class CallQueue: @unchecked Sendable {
  package static let shared = CallQueue(width: Processors.available)

  /// Known to the queue from its beginning to its end, so that a cancellation that comes first is seen.
  private final class Ticket: @unchecked Sendable {
    var isCancelled = false
  }

  private struct Call {
    var ticket: Ticket
    var start: @Sendable () -> Void
    var giveUp: @Sendable () -> Void
  }

  private let threads = DispatchQueue(label: "tensorc.calls", attributes: .concurrent)
  private let lock = Lock()
  private let width: Int
  private var running = 0
  private var waiting: [Call] = []

  package init(width: Int) { self.width = width }

  /// How many calls wait and run: for tests.
  package var waitingCount: Int { lock.withLock { waiting.count } }
  package var runningCount: Int { lock.withLock { running } }

  /// The result of a call. Cancelled before it begins, the call does not begin; one that has begun is finished.
  /// - Throws: `CancellationError`; what the call throws.
  package func run<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    let ticket = Ticket()
    // The queue's threads are nobody's tasks.
    let ranks = Ranks.current
    let body = { @Sendable in try Ranks.$current.withValue(ranks) { try body() } }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
        let call = Call(ticket: ticket) {
          continuation.resume(with: Swift.Result(catching: body))
        } giveUp: {
          continuation.resume(throwing: CancellationError())
        }
        add(call)
      }
    } onCancel: {
      cancel(ticket)
    }
  }

  private func add(_ call: Call) {
    let isCancelled = lock.withLock {
      if !call.ticket.isCancelled { waiting.append(call) }
      return call.ticket.isCancelled
    }
    if isCancelled { call.giveUp() } else { startNext() }
  }

  private func startNext() {
    let next = lock.withLock { () -> Call? in
      guard running < width, !waiting.isEmpty else { return nil }
      running += 1
      return waiting.removeFirst()
    }
    guard let next else { return }
    threads.async {
      next.start()
      self.lock.withLock { self.running -= 1 }
      self.startNext()
    }
  }

  private func cancel(_ ticket: Ticket) {
    let call = lock.withLock { () -> Call? in
      ticket.isCancelled = true
      return waiting.firstIndex { $0.ticket === ticket }.map { waiting.remove(at: $0) }
    }
    call?.giveUp()
  }
}
