import Foundation

/// Files kept between runs, in `$XDG_CACHE_HOME/tensorc` or `~/.cache/tensorc`. Losing them costs time only, so no
/// method fails: what cannot be read, is damaged or is not the user's alone is not there; what cannot be written is not
/// kept.
public struct Cache: Sendable {
  /// Where the files are; nil keeps nothing.
  public var directory: URL?
  /// When the files take more than this, the ones unused for longest go.
  public var largestByteCount: Int

  /// - Parameter directory: by default the user's.
  public init(directory: URL? = Cache.standardDirectory, largestByteCount: Int = 4 << 30) {
    self.directory = directory
    self.largestByteCount = largestByteCount
  }

  /// The user's cache, from the environment.
  public static var standardDirectory: URL? {
    let environment = ProcessInfo.processInfo.environment
    if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") {
      return URL(fileURLWithPath: base).appendingPathComponent("tensorc")
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return URL(fileURLWithPath: home).appendingPathComponent(".cache/tensorc")
  }

  // MARK: Whom it belongs to

  /// Why nothing is kept there, for people; nil where all is well. Makes the directory.
  ///
  /// Code is run from the cache, so nobody else may have a say in what it holds: not in the directory, not in a file.
  public var problem: String? {
    guard let directory else { return "set HOME or XDG_CACHE_HOME to a directory" }
    let path = directory.path
    let parent = directory.deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      return "'\(path)' cannot be made: \(String(cString: strerror(errno)))"
    }
    let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { return "'\(path)' cannot be read: \(String(cString: strerror(errno)))" }
    defer { close(file) }
    guard Cache.isOurs(file, type: S_IFDIR) else {
      return "'\(path)' belongs to another user or can be written by others: make it yours alone (chmod 700)"
    }
    return access(path, W_OK) == 0 ? nil : "'\(path)' cannot be written to"
  }

  /// Whether an open file is of a type, ours, and for nobody else to write.
  static func isOurs(_ file: Int32, type: mode_t) -> Bool {
    var status = stat()
    return fstat(file, &status) == 0 && status.st_mode & S_IFMT == type && status.st_uid == geteuid()
      && status.st_mode & 0o022 == 0
  }

  // MARK: Entries

  func data(_ name: String) -> Data? {
    var data = Data()
    let isWhole = read(name) { bytes in
      data.append(contentsOf: bytes)
      return true
    }
    return isWhole ? data : nil
  }

  func store(_ data: Data, _ name: String) {
    var rest = data[...]
    write(name) { buffer in
      let count = rest.prefix(buffer.count).copyBytes(to: buffer)
      rest = rest.dropFirst(count)
      return count
    }
  }

  /// Puts a kept file in a place, whole or not at all; false where there is none.
  func place(_ name: String, at url: URL, mode: mode_t) -> Bool {
    guard let scratch = try? ScratchDirectory(in: url.deletingLastPathComponent()) else { return false }
    let copy = scratch.url.appendingPathComponent("copy").path
    let file = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { return false }
    defer { close(file) }
    return read(name) { CacheEntry.put($0, to: file) } && rename(copy, url.path) == 0
  }

  /// Keeps a copy of a file.
  func keep(_ url: URL, as name: String) {
    let file = open(url.path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    write(name) { CacheEntry.fill($0, from: file) }
  }

  private func read(_ name: String, _ sink: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    guard problem == nil, let path = directory?.appendingPathComponent(name).path else { return false }
    return CacheEntry.read(path, named: name, sink)
  }

  /// Several processes may write the same entry at once: each writes its own file, and the last to rename it wins.
  private func write(_ name: String, _ source: (UnsafeMutableRawBufferPointer) -> Int?) {
    guard problem == nil, let directory, let scratch = try? ScratchDirectory(in: directory) else { return }
    let file = scratch.url.appendingPathComponent("entry").path
    guard CacheEntry.write(to: file, named: name, source) else { return }
    let place = directory.appendingPathComponent(name).path
    // A directory of that name is no entry either.
    if rename(file, place) != 0, (try? FileManager.default.removeItem(atPath: place)) != nil { rename(file, place) }
    trim(directory)
  }

  private func trim(_ directory: URL) {
    let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
    let urls =
      (try? FileManager.default.contentsOfDirectory(
        at: directory, includingPropertiesForKeys: Array(keys), options: .skipsHiddenFiles)) ?? []
    let files = urls.compactMap { url -> (url: URL, size: Int, date: Date)? in
      guard let values = try? url.resourceValues(forKeys: keys), let size = values.fileSize else { return nil }
      return (url, size, values.contentModificationDate ?? .distantPast)
    }
    var total = files.reduce(0) { $0 + $1.size }
    for file in files.sorted(by: { $0.date < $1.date }) where total > largestByteCount {
      try? FileManager.default.removeItem(at: file.url)
      total -= file.size
    }
  }
}

/// Files that appear whole or not at all: written in a folder beside their place, then renamed.
enum AtomicFile {
  static func copy(_ source: URL, to destination: URL) throws {
    try make(destination) { try FileManager.default.copyItem(at: source, to: $0) }
  }

  static func write(_ data: Data, to destination: URL) throws {
    try make(destination) { try data.write(to: $0) }
  }

  /// Makes a file by a closure, which is told where.
  static func make(_ destination: URL, _ body: (URL) throws -> Void) throws {
    let parent = destination.deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    let scratch = try ScratchDirectory(in: parent)
    let file = scratch.url.appendingPathComponent(destination.lastPathComponent)
    try body(file)
    guard rename(file.path, destination.path) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO, userInfo: [NSFilePathErrorKey: destination.path])
    }
  }
}
