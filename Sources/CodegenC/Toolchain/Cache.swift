import Foundation

/// Files kept between runs, in `$XDG_CACHE_HOME/tensorc` or `~/.cache/tensorc`. Losing them costs time only, so no
/// method fails: what cannot be read is not there, what cannot be written is not kept.
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

  func data(_ name: String) -> Data? {
    directory.flatMap { try? Data(contentsOf: $0.appendingPathComponent(name)) }
  }

  func store(_ data: Data, _ name: String) {
    guard let directory,
      (try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)) != nil
    else { return }
    try? data.write(to: directory.appendingPathComponent(name), options: .atomic)
  }

  /// The path of a kept file, marked as used now.
  func file(_ name: String) -> URL? {
    guard let url = directory?.appendingPathComponent(name), FileManager.default.fileExists(atPath: url.path) else {
      return nil
    }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
    return url
  }

  /// Keeps a copy of a file.
  func keep(_ file: URL, as name: String) {
    guard let directory,
      (try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)) != nil
    else { return }
    try? AtomicFile.copy(file, to: directory.appendingPathComponent(name))
    trim(directory)
  }

  private func trim(_ directory: URL) {
    let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
    let urls =
      (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: Array(keys))) ?? []
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

/// Files that appear whole or not at all: written beside their place, then renamed.
enum AtomicFile {
  static func copy(_ source: URL, to destination: URL) throws {
    try FileManager.default.createDirectory(
      at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
    let beside = destination.deletingLastPathComponent()
      .appendingPathComponent(".\(destination.lastPathComponent).\(UUID().uuidString)")
    do {
      try FileManager.default.copyItem(at: source, to: beside)
      guard rename(beside.path, destination.path) == 0 else {
        throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: destination.path])
      }
    } catch {
      try? FileManager.default.removeItem(at: beside)
      throw error
    }
  }
}

/// A name for contents, the same in every process: two FNV-1a hashes with different starts.
struct Fingerprint {
  private var first: UInt64 = 0xcbf2_9ce4_8422_2325
  private var second: UInt64 = 0x9ae1_6a3b_2f90_404f

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(0)
  }

  private mutating func add(_ byte: UInt8) {
    first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    second = (second ^ UInt64(byte) ^ (second >> 47)) &* 0x0000_0100_0000_01b3
  }

  var text: String {
    [first, second].map { value in
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
