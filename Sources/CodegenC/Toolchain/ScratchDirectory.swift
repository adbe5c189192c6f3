import Foundation
import TensorIR

/// A folder for work in progress, removed when it goes out of use.
///
/// Its owner holds a lock on a file in it for as long as the process lives, whatever ends it. So what a killed process
/// left is told from what another is working in, also where processes do not see each other's numbers; the next process
/// that makes such a folder in the same place removes it.
public final class ScratchDirectory: @unchecked Sendable {
  /// Where it is.
  public let url: URL
  private let lock: Int32
  private let ending = NSLock()
  private var isOver = false

  private static let prefix = ".tensorc-"
  private static let lockName = ".lock"
  /// What bears no lock may be half made, or an older version's.
  private static let secondsWithoutLock = 86_400

  /// Makes one in a folder that exists.
  ///
  /// - Throws: a `POSIXError`.
  public init(in parent: URL) throws {
    ScratchDirectory.sweepOnce(parent)
    url = parent.appendingPathComponent(ScratchDirectory.prefix + UUID().uuidString)
    // It gets its name when the lock is held: without one it would look like a leftover for a moment.
    let unnamed = url.path + ".new"
    guard mkdir(unnamed, 0o700) == 0 else { throw ScratchDirectory.systemError() }
    let file = "\(unnamed)/\(ScratchDirectory.lockName)"
    lock = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    // Where files have no locks, its age tells.
    if lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0 { unlink(file) }
    guard rename(unnamed, url.path) == 0 else {
      let error = ScratchDirectory.systemError()
      try? FileManager.default.removeItem(atPath: unnamed)
      throw error
    }
  }

  /// Makes one among the temporary files.
  ///
  /// - Throws: a `Diagnostic` that names the folder and the variable.
  public static func temporary() throws -> ScratchDirectory {
    do { return try ScratchDirectory(in: parent) } catch let error as POSIXError { throw unwritable(error.code) }
  }

  /// The folder for temporary files.
  static var parent: URL { URL(fileURLWithPath: named ?? "/tmp", isDirectory: true) }

  private static var named: String? {
    ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// What to tell where temporary files cannot be written.
  static func unwritable(_ code: POSIXErrorCode) -> Diagnostic { unwritable(String(cString: strerror(code.rawValue))) }

  static func unwritable(_ reason: String) -> Diagnostic {
    let origin = named == nil ? "as TMPDIR is not set" : "which TMPDIR names"
    return Diagnostic(
      "temporary-unwritable",
      "no temporary files can be written to '\(named ?? "/tmp")', \(origin): \(reason); set TMPDIR to a folder with room"
    )
  }

  private static func systemError() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }

  /// Leaves it there for the user, under a name that nobody clears away; gives its new place.
  func keep() -> URL {
    let name = url.lastPathComponent.dropFirst(ScratchDirectory.prefix.count)
    let kept = url.deletingLastPathComponent().appendingPathComponent("tensorc-failed-\(name)")
    return ending.withLock {
      isOver = true
      unlink(url.appendingPathComponent(ScratchDirectory.lockName).path)
      return rename(url.path, kept.path) == 0 ? kept : url
    }
  }

  /// Removes it now.
  public func remove() {
    ending.withLock {
      if !isOver { try? FileManager.default.removeItem(at: url) }
      isOver = true
    }
  }

  deinit {
    remove()
    if lock >= 0 { close(lock) }
  }

  // MARK: What others left

  private static let swept = Swept()

  private final class Swept: @unchecked Sendable {
    private let lock = NSLock()
    private var paths: Set<String> = []
    func insert(_ path: String) -> Bool { lock.withLock { paths.insert(path).inserted } }
  }

  private static func sweepOnce(_ parent: URL) {
    if swept.insert(parent.path) { sweep(parent) }
  }

  /// Removes the folders in `parent` whose owners are gone.
  static func sweep(_ parent: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    for name in names where name.hasPrefix(prefix) {
      let path = parent.appendingPathComponent(name).path
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else { continue }
      let lock = open("\(path)/\(lockName)", O_RDWR | O_NOFOLLOW | O_CLOEXEC)
      if lock >= 0 {
        if !name.hasSuffix(".new"), flock(lock, LOCK_EX | LOCK_NB) == 0 {
          try? FileManager.default.removeItem(atPath: path)
        }
        close(lock)
      }
      let age = Int(Date().timeIntervalSince1970) - Int(status.st_mtim.tv_sec)
      if lock < 0 || name.hasSuffix(".new"), age > secondsWithoutLock {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
  }
}
