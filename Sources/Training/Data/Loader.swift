import Foundation
import TensorLayers

/// The order in which a pass takes the examples of a data set: a function of the seed and the pass's number alone, so
/// that a run that goes on finds its place again.
public struct BatchOrder: Sendable, Codable, Equatable {
  public let size: Int
  public let seed: UInt64?
  public let count: Int
  public let keepsLast: Bool

  /// - Parameters:
  ///   - seed: of the shuffle; nil keeps the examples in order.
  ///   - keepsLast: whether a last batch that is smaller counts.
  public init(count: Int, size: Int, seed: UInt64?, keepsLast: Bool = true) {
    self.count = count
    self.size = max(size, 1)
    self.seed = seed
    self.keepsLast = keepsLast
  }

  /// How many batches a pass has.
  public var batches: Int { keepsLast ? (count + size - 1) / size : count / size }

  /// The positions of each batch of a pass.
  public func positions(pass: Int) -> [[Int]] {
    var order = Array(0..<count)
    if let seed {
      var random = RandomNumbers(seed: seed &+ UInt64(pass) &* 0x9E37_79B9_7F4A_7C15)
      order = random.permutation(count)
    }
    return (0..<batches).map { Array(order[$0 * size..<min(($0 + 1) * size, count)]) }
  }
}

/// Makes the batches of a pass on another thread, a few ahead of those that are used. Several tasks may take batches from one;
/// one that is let go makes no more.
public final class Prefetcher: Sendable {
  private let queue: BatchQueue

  public init(_ data: any DataSet, _ positions: [[Int]], ahead: Int = 2) {
    let queue = BatchQueue(ahead: max(ahead, 1))
    self.queue = queue
    // The thread holds the queue alone, so that a loader that nobody holds ends it.
    let thread = Thread { queue.produce(data, positions) }
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit { queue.stop() }

  /// The next batch; nil after the last.
  /// - Throws: what the data set throws.
  public func next() throws -> Batch? { try queue.next() }

  /// Makes no more batches.
  public func stop() { queue.stop() }
}

/// Batches that are ready.
///
/// Sendable because all that changes is under the condition's lock.
private final class BatchQueue: @unchecked Sendable {
  private let condition = NSCondition()
  private var ready: [Result<Batch, any Error>] = []
  private var isOver = false
  private var isStopped = false
  private let ahead: Int

  init(ahead: Int) { self.ahead = ahead }

  func produce(_ data: any DataSet, _ positions: [[Int]]) {
    for list in positions {
      let batch = Result { try data.batch(list) }
      let goesOn = condition.withLock {
        while ready.count >= ahead, !isStopped { condition.wait() }
        if !isStopped { ready.append(batch) }
        condition.broadcast()
        return !isStopped
      }
      if !goesOn { return }
    }
    condition.withLock {
      isOver = true
      condition.broadcast()
    }
  }

  func next() throws -> Batch? {
    let first = condition.withLock { () -> Result<Batch, any Error>? in
      while ready.isEmpty, !isOver, !isStopped { condition.wait() }
      if ready.isEmpty || isStopped { return nil }
      condition.broadcast()
      return ready.removeFirst()
    }
    return try first?.get()
  }

  func stop() {
    condition.withLock {
      isStopped = true
      ready = []
      condition.broadcast()
    }
  }
}
