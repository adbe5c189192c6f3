import Foundation

/// A file of the cache: a mark, the SHA-256 of its name and contents, the contents.
///
/// What was cut, emptied, overwritten or renamed does not fit its digest and is no entry. The digest takes a tenth of a
/// second for 100 MB, of which the copy takes as much; a shorter check would miss a page that the disk lost.
enum CacheEntry {
  private static let mark = Array("tensorc cache 2\n".utf8)
  private static let digestCount = 32
  private static let chunk = 1 << 20

  private static func hash(of name: String) -> SHA256 {
    var hash = SHA256()
    hash.add(name)
    return hash
  }

  /// Gives the contents, chunk by chunk, to `sink`, and says whether they were whole. What came is not to be used if not.
  static func read(_ path: String, named name: String, _ sink: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    // A pipe would make this wait, a link may lead anywhere.
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    guard Cache.isOurs(file, type: S_IFREG) else { return false }
    var header = [UInt8](repeating: 0, count: mark.count + digestCount)
    guard header.withUnsafeMutableBytes({ fill($0, from: file) }) == header.count, header.starts(with: mark) else {
      return false
    }
    var hash = hash(of: name)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      guard let count = fill(buffer, from: file) else { return false }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
      hash.update(bytes)
      guard sink(bytes) else { return false }
      if count < chunk { break }
    }
    guard hash.digest() == Array(header.dropFirst(mark.count)) else { return false }
    // It was used now: those unused for longest go first.
    futimens(file, nil)
    return true
  }

  /// Writes an entry to `path`, where nothing is. `source` gives the contents until it is empty.
  static func write(to path: String, named name: String, _ source: (UnsafeMutableRawBufferPointer) -> Int?) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    let space = [UInt8](repeating: 0, count: mark.count + digestCount)
    guard space.withUnsafeBytes({ put($0, to: file) }) else { return false }
    var hash = hash(of: name)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      guard let count = source(buffer) else { return false }
      if count == 0 { break }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
      hash.update(bytes)
      guard put(bytes, to: file) else { return false }
    }
    guard lseek(file, 0, SEEK_SET) == 0 else { return false }
    return (mark + hash.digest()).withUnsafeBytes { put($0, to: file) }
  }

  /// Reads until the buffer is full or the file ends; nil where it cannot be read.
  static func fill(_ buffer: UnsafeMutableRawBufferPointer, from file: Int32) -> Int? {
    var total = 0
    while total < buffer.count, let base = buffer.baseAddress {
      let count = Foundation.read(file, base + total, buffer.count - total)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      total += count
    }
    return total
  }

  static func put(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
    var total = 0
    while total < bytes.count, let base = bytes.baseAddress {
      let count = Foundation.write(file, base + total, bytes.count - total)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      total += count
    }
    return true
  }
}
