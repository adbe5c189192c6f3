#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory for elements: owned and aligned to a cache line, or borrowed from the application.
///
/// Sendable because the arrays that share a buffer only read it: whoever writes asks `isKnownUniquelyReferenced` first.
final class HostBuffer: @unchecked Sendable {
  /// A cache line, and the widest vector of the targets.
  static let alignment = 64

  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  let isWritable: Bool
  let isOwned: Bool
  /// Kept alive for as long as its memory is borrowed.
  private let owner: (any AnyObject & Sendable)?

  /// Fresh memory of at least one byte, its contents undefined.
  init(byteCount: Int) throws(RuntimeError) {
    var memory: UnsafeMutableRawPointer?
    let status = posix_memalign(&memory, Self.alignment, max(byteCount, 1))
    guard status == 0, let memory else {
      throw RuntimeError(
        "out-of-memory", "There is no memory for \(byteCount) bytes.", neededBytes: UInt64(max(byteCount, 0)))
    }
    Self.askForLargePages(memory, byteCount)
    pointer = memory
    self.byteCount = byteCount
    isWritable = true
    isOwned = true
    owner = nil
  }

  /// Large buffers want large pages: kernels that walk across rows touch more pages than the processor remembers. Linux
  /// gives them on request alone, as a rule; where it does not, nothing is lost.
  private static func askForLargePages(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    #if os(Linux)
      let page = 1 << 12
      guard byteCount >= 1 << 22 else { return }
      let start = (Int(bitPattern: memory) + page - 1) / page * page
      let end = (Int(bitPattern: memory) + byteCount) / page * page
      _ = madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE)
    #endif
  }

  init(
    borrowing memory: UnsafeMutableRawPointer, byteCount: Int, isWritable: Bool, owner: (any AnyObject & Sendable)?
  ) {
    pointer = memory
    self.byteCount = byteCount
    self.isWritable = isWritable
    isOwned = false
    self.owner = owner
  }

  deinit {
    if isOwned { free(pointer) }
  }
}

/// Serves a library's `tensorc_allocate`; the context is a ``MemoryPool``.
func allocateForLibrary(
  _ context: UnsafeMutableRawPointer?, _ block: UnsafeMutableRawPointer?, _ oldSize: UInt64, _ newSize: UInt64
) -> UnsafeMutableRawPointer? {
  guard let context, let old = Int(exactly: oldSize), let new = Int(exactly: newSize) else { return nil }
  return Unmanaged<MemoryPool>.fromOpaque(context).takeUnretainedValue().allocate(block, old, new)
}
