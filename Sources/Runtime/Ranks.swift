import TensorABI

/// The processes that run the same program, each on its own data, and how calls of compiled libraries reach them.
///
/// ``current`` counts for all calls below it; TensorMPI sets it to the ranks of a run that `mpirun` started.
///
/// Sendable because the table never changes.
public final class Ranks: @unchecked Sendable {
  /// This process, from 0.
  public let rank: Int
  /// How many there are, at least 1.
  public let count: Int
  /// How many threads a call may use, where the ranks share processors; nil for as many as this process may use.
  public let threads: Int?
  let table: UnsafePointer<tensorc_ranks>?

  /// No other process.
  public static let alone = Ranks()

  /// The ranks that calls exchange tensors with.
  @TaskLocal public static var current = Ranks.alone

  private init() { (rank, count, threads, table) = (0, 1, nil, nil) }

  /// - Parameter table: a `tensorc_ranks` of tensorc.h, which must outlive all calls.
  public init(table: UnsafeRawPointer, threads: Int? = nil) {
    let table = table.assumingMemoryBound(to: tensorc_ranks.self)
    (rank, count) = (Int(table.pointee.rank), max(1, Int(table.pointee.count)))
    self.threads = threads
    self.table = table
  }

  /// Whether this is the rank that writes files and tells of progress.
  public var isFirst: Bool { rank == 0 }

  /// The bytes of one rank on all of them. All ranks must call it; what the others pass does not matter.
  /// - Throws: `ranks-failed` where the ranks cannot be reached.
  public func broadcast(_ bytes: [UInt8], fromRank root: Int = 0) throws(RuntimeError) -> [UInt8] {
    guard let table, count > 1 else { return bytes }
    var length = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) }
    try exchange(&length, root, table)
    let byteCount = length.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard let size = Int(exactly: byteCount) else { throw RuntimeError("ranks-failed", "a rank sent no length") }
    var all = rank == root ? bytes : [UInt8](repeating: 0, count: size)
    if size > 0 { try exchange(&all, root, table) }
    return all
  }

  private func exchange(
    _ bytes: inout [UInt8], _ root: Int, _ table: UnsafePointer<tensorc_ranks>
  ) throws(RuntimeError) {
    var error = tensorc_error()
    error.size = UInt64(MemoryLayout<tensorc_error>.size)
    let send = bytes
    let code = send.withUnsafeBytes { from in
      bytes.withUnsafeMutableBytes { to in
        var part = tensorc_part(send: from.baseAddress, receive: to.baseAddress, count: UInt64(to.count))
        return withUnsafePointer(to: &part) { part in
          var what = tensorc_collective()
          what.kind = Int32(TENSORC_BROADCAST.rawValue)
          what.reduction = Int32(TENSORC_RANK_SUM.rawValue)
          what.element_type = Int32(TENSORC_U8.rawValue)
          (what.root, what.part_count, what.parts) = (Int32(root), 1, part)
          var request: UnsafeMutableRawPointer?
          let code = table.pointee.start(table.pointee.context, &what, &request, &error)
          return code != 0 ? code : table.pointee.wait(table.pointee.context, request, &error)
        }
      }
    }
    if code != 0 {
      error.code = Int32(TENSORC_RANKS_FAILED.rawValue)
      throw RuntimeError("ranks-failed", RuntimeError(code: error.code, reported: &error).text, code: error.code)
    }
  }
}
