import Foundation
import TensorABI
import TensorRuntime

/// Ranks that are threads of this process, for tests: what they do together the last one to come does for all.
///
/// Sendable because all that changes is under the condition's lock.
final class ThreadRanks: @unchecked Sendable {
  private let condition = NSCondition()
  private let count: Int
  private var present: [Int: tensorc_collective] = [:]
  private var rounds = 0
  private var failure: String?

  /// What is handed to the table's functions.
  private final class Member {
    let all: ThreadRanks
    let rank: Int
    var table: tensorc_ranks
    init(_ all: ThreadRanks, _ rank: Int) {
      (self.all, self.rank) = (all, rank)
      table = tensorc_ranks()
    }
  }

  private init(_ count: Int) { self.count = count }

  /// The results of all ranks, in order.
  static func run<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Ranks) throws -> Result
  ) throws -> [Result] {
    let all = ThreadRanks(count)
    let lock = NSLock()
    nonisolated(unsafe) var results: [Int: Swift.Result<Result, any Error>] = [:]
    let group = DispatchGroup()
    for rank in 0..<count {
      let thread = Thread {
        let found = Swift.Result { try all.member(rank, body) }
        lock.withLock { results[rank] = found }
        group.leave()
      }
      group.enter()
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try (0..<count).compactMap { try results[$0]?.get() }
  }

  private func member<Result>(_ rank: Int, _ body: (Ranks) throws -> Result) throws -> Result {
    let member = Member(self, rank)
    member.table.size = UInt64(MemoryLayout<tensorc_ranks>.size)
    (member.table.rank, member.table.count) = (Int32(rank), Int32(count))
    member.table.context = Unmanaged.passUnretained(member).toOpaque()
    member.table.start = { _, what, request, _ in
      guard let what, let request else { return 1 }
      // The parts last until `start` returns.
      let parts = UnsafeMutablePointer<tensorc_part>.allocate(capacity: Int(what.pointee.part_count))
      parts.update(from: what.pointee.parts, count: Int(what.pointee.part_count))
      let copy = UnsafeMutablePointer<tensorc_collective>.allocate(capacity: 1)
      copy.initialize(to: what.pointee)
      copy.pointee.parts = UnsafePointer(parts)
      request.pointee = UnsafeMutableRawPointer(copy)
      return 0
    }
    member.table.wait = { context, request, error in
      guard let context, let request else { return 1 }
      let member = Unmanaged<Member>.fromOpaque(context).takeUnretainedValue()
      let what = request.assumingMemoryBound(to: tensorc_collective.self)
      defer {
        UnsafeMutablePointer(mutating: what.pointee.parts).deallocate()
        what.deallocate()
      }
      guard let text = member.all.meet(member.rank, what.pointee) else { return 0 }
      if let error {
        withUnsafeMutableBytes(of: &error.pointee.text) { $0.copyBytes(from: Array(text.utf8).prefix(1000) + [0]) }
      }
      return 1
    }
    return try withExtendedLifetime(member) {
      try withUnsafePointer(to: &member.table) { table in
        let ranks = Ranks(table: UnsafeRawPointer(table), threads: 1)
        return try Ranks.$current.withValue(ranks) { try body(ranks) }
      }
    }
  }

  /// What went wrong, or nil once all have been here.
  private func meet(_ rank: Int, _ what: tensorc_collective) -> String? {
    condition.withLock {
      present[rank] = what
      let round = rounds
      if present.count == count {
        exchange()
        present = [:]
        rounds += 1
        condition.broadcast()
      }
      let end = Date(timeIntervalSinceNow: 20)
      while rounds == round, condition.wait(until: end) {}
      return rounds == round ? "another rank does not come" : failure
    }
  }

  private func exchange() {
    let all = (0..<count).compactMap { present[$0] }
    for part in 0..<Int(all[0].part_count) {
      guard all.allSatisfy({ $0.kind == all[0].kind && $0.parts[part].count == all[0].parts[part].count }) else {
        failure = "the ranks do different things"
        return
      }
      let received = (0..<count).map { result(for: $0, part, all) }
      for (own, bytes) in zip(all, received) where !bytes.isEmpty {
        bytes.withUnsafeBytes { own.parts[part].receive.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      }
    }
  }

  /// Bytes of any type that are moved, and f32 that are combined in the order of the ranks.
  private func result(for rank: Int, _ part: Int, _ all: [tensorc_collective]) -> [UInt8] {
    let width = [0, 8, 4, 2, 2, 1, 2, 4, 8, 1, 2, 4, 8, 1][Int(all[0].element_type)]
    let elements = Int(all[0].parts[part].count)
    func sent(_ other: Int, from first: Int = 0) -> [UInt8] {
      Array(UnsafeRawBufferPointer(start: all[other].parts[part].send + first * width, count: elements * width))
    }
    func combined(from first: Int = 0) -> [UInt8] {
      let parts = (0..<count).map { other in
        sent(other, from: first).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      }
      let sums = parts[0].indices.map { place in
        let column = parts.map { $0[place] }
        if all[0].reduction == TENSORC_RANK_MAXIMUM.rawValue { return column.max() ?? 0 }
        let sum = column.dropFirst().reduce(column[0], +)
        return all[0].reduction == TENSORC_RANK_MEAN.rawValue ? sum / Float(count) : sum
      }
      return sums.withUnsafeBytes { Array($0) }
    }
    switch UInt32(all[0].kind) {
    case TENSORC_ALL_GATHER.rawValue: return (0..<count).flatMap { sent($0) }
    case TENSORC_BROADCAST.rawValue: return sent(Int(all[0].root))
    case TENSORC_REDUCE_SCATTER.rawValue: return combined(from: rank * elements)
    case TENSORC_REDUCE_TO_ROOT.rawValue:
      return rank == Int(all[0].root) ? combined() : [UInt8](repeating: 0, count: elements * width)
    default: return combined()
    }
  }
}
