#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory that a library asks for while it runs, for sizes that only the run tells. What it gives back is kept for the
/// next run, so that a second run on the same data asks nobody. For one run at a time.
final class MemoryPool {
  private var free: [(block: UnsafeMutableRawPointer, size: Int)] = []

  deinit { for entry in free { releaseMemory(entry.block) } }

  /// As `tensorc_allocate`.
  func allocate(_ block: UnsafeMutableRawPointer?, _ oldSize: Int, _ newSize: Int) -> UnsafeMutableRawPointer? {
    let memory = newSize > 0 ? take(newSize) : nil
    if newSize > 0, memory == nil { return nil }
    if let block {
      if let memory { memory.copyMemory(from: block, byteCount: min(oldSize, newSize)) }
      free.append((block, oldSize))
    }
    return memory
  }

  /// The smallest free block that is large enough and not wastefully so, else a new one. What has become too small for
  /// what is asked now goes.
  private func take(_ size: Int) -> UnsafeMutableRawPointer? {
    let fitting = free.indices.filter { free[$0].size >= size && free[$0].size / 2 <= size }
    if let best = fitting.min(by: { free[$0].size < free[$1].size }) { return free.remove(at: best).block }
    for entry in free where entry.size < size { releaseMemory(entry.block) }
    free.removeAll { $0.size < size }
    var memory: UnsafeMutableRawPointer?
    return posix_memalign(&memory, HostBuffer.alignment, size) == 0 ? memory : nil
  }
}

private func releaseMemory(_ block: UnsafeMutableRawPointer) { free(block) }
