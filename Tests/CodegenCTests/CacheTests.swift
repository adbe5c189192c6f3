import Foundation
import TensorIR
import Testing

@testable import TensorCodegenC

/// A cache of one test, and a program to compile by way of it.
private struct Place {
  let directory: ScratchDirectory
  let cache: Cache
  let compiler: LibraryCompiler
  var library: URL { directory.url.appendingPathComponent("model.so") }
  var folder: URL { directory.url.appendingPathComponent("cache") }

  private static let known = Result { try Toolchain.discover(cache: Cache(directory: nil)) }

  /// - Parameter asks: whether to ask the compiler what it can do, so that the cache holds its answer.
  init(asks: Bool = false) throws {
    directory = try ScratchDirectory.temporary()
    cache = Cache(directory: directory.url.appendingPathComponent("cache"))
    let toolchain = try asks ? Toolchain.discover(cache: cache) : Place.known.get()
    compiler = try LibraryCompiler(toolchain: toolchain, cache: cache)
  }

  static func numbers(_ first: Float) throws -> TensorLiteral {
    try #require(TensorLiteral.numbers([first] + (1..<300).map { Float($0) }))
  }

  func compile(_ weights: TensorLiteral? = nil, checks: Bool = false, prefix: String? = nil) throws -> Bool {
    let target = compiler.toolchain.native
    let program = SmallPrograms.reduction(target, weights: try weights ?? Place.numbers(0))
    return try compiler.compile(program, to: library, kind: .shared, target: target, prefix: prefix, checks: checks)
      .wasCached
  }

  /// The sum of a row of zeros and the weights.
  func sum() throws -> Float {
    let row = [Float](repeating: 0, count: 300)
    return try LoadedLibrary(library).run([.floats(row, [1, 300])], outputs: [.floats([0], [])]).outputs[0].floats[0]
  }

  func entries(_ prefix: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent.hasPrefix(prefix) }
  }
}

/// What may befall a file of the cache.
private enum Damage: CaseIterable {
  case empty, cut, grown, garbage, bit, older, pipe, folder, link, writable

  func apply(to url: URL) throws {
    var bytes = try Data(contentsOf: url)
    let files = FileManager.default
    switch self {
    case .empty: bytes = Data()
    case .cut: bytes.removeLast(bytes.count / 2)
    case .grown: bytes.append(0)
    case .garbage: bytes = Data((0..<bytes.count).map { UInt8(truncatingIfNeeded: $0 &* 77 &+ 3) })
    case .bit: bytes[bytes.count - 20] ^= 1
    // What versions before this wrote: the contents alone.
    case .older: bytes = bytes.dropFirst(48)
    case .pipe:
      try files.removeItem(at: url)
      try #require(mkfifo(url.path, 0o600) == 0)
      return
    case .folder:
      try files.removeItem(at: url)
      try files.createDirectory(at: url, withIntermediateDirectories: false)
      return
    case .link:
      let aside = url.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("aside")
      try? files.removeItem(at: aside)
      try files.moveItem(at: url, to: aside)
      try files.createSymbolicLink(at: url, withDestinationURL: aside)
      return
    case .writable:
      try files.setAttributes([.posixPermissions: 0o666], ofItemAtPath: url.path)
      return
    }
    try bytes.write(to: url)
  }
}

@Suite struct CacheTests {
  @Test func aDamagedLibraryIsMadeAnew() throws {
    let place = try Place()
    #expect(try !place.compile())
    for damage in Damage.allCases {
      #expect(try place.compile(), "before \(damage): the entry was not used")
      try damage.apply(to: #require(try place.entries("library-").first))
      #expect(try !place.compile(), "\(damage): a damaged entry was used")
      #expect(try place.sum() == 44850, "\(damage)")
    }
    #expect(try place.compile())
    #expect(try place.sum() == 44850)
  }

  @Test func aDamagedToolchainIsAskedAgain() throws {
    let place = try Place(asks: true)
    let before = place.compiler.toolchain
    for damage in Damage.allCases {
      for entry in try place.entries("toolchain-") { try damage.apply(to: entry) }
      #expect(try Toolchain.discover(cache: place.cache) == before, "\(damage)")
    }
    #expect(try !place.compile())
  }

  /// A whole entry in another's place.
  @Test func anEntryHasOneName() throws {
    let place = try Place()
    #expect(try !place.compile(try Place.numbers(7)))
    let other = try #require(try place.entries("library-").first)
    #expect(try !place.compile())
    let entry = try #require(try place.entries("library-").first { $0 != other })
    try FileManager.default.removeItem(at: entry)
    try FileManager.default.copyItem(at: other, to: entry)
    #expect(try !place.compile())
    #expect(try place.sum() == 44850)
  }

  /// Another user could put anything there.
  @Test(arguments: [0o777, 0o775, 0o770]) func aFolderThatOthersWriteToIsNotUsed(mode: Int) throws {
    let place = try Place()
    #expect(try !place.compile())
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place.folder.path)
    #expect(try !place.compile() && !place.compile())
    #expect(place.cache.problem?.contains("chmod 700") == true)
    #expect(try place.sum() == 44850)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.folder.path)
    #expect(place.cache.problem == nil)
    #expect(try place.compile())
  }

  @Test func anotherUsersFilesAreNotUsed() throws {
    // Only root can give files away; what is checked otherwise is that the owner of a file is looked at.
    let file = open("/", O_RDONLY | O_DIRECTORY)
    defer { close(file) }
    #expect(Cache.isOurs(file, type: S_IFDIR) == (geteuid() == 0))
    guard geteuid() == 0 else { return }
    let place = try Place()
    #expect(try !place.compile())
    let entry = try #require(try place.entries("library-").first)
    try #require(chown(entry.path, 12345, 12345) == 0)
    #expect(try !place.compile())
    try #require(chown(place.folder.path, 12345, 12345) == 0)
    #expect(try !place.compile() && !place.compile())
  }

  @Test func theKeyHoldsAllThatDecides() throws {
    let place = try Place()
    #expect(try !place.compile())
    #expect(try !place.compile(try Place.numbers(1)), "weights")
    #expect(try !place.compile(checks: true), "checks")
    #expect(try !place.compile(prefix: "other"), "prefix")
    #expect(try place.compile(), "the first again")
    // The compiler, its flags, and what it reads from the environment.
    let target = place.compiler.toolchain.native
    let program = SmallPrograms.reduction(target, weights: try Place.numbers(0))
    let files = try ProgramPrinter(program, target: target, prefix: "model", threads: .none).files()
    func key(_ change: (inout Toolchain, inout Command, inout [String: String]) -> Void) -> String {
      var toolchain = place.compiler.toolchain
      var command = Command(executable: toolchain.compiler, arguments: ["-O2"])
      var environment: [String: String] = [:]
      change(&toolchain, &command, &environment)
      return CacheKey.library(
        files, commands: [command], kind: .shared, toolchain: toolchain, environment: environment)
    }
    let keys = [
      key { _, _, _ in }, key { toolchain, _, _ in toolchain.version += "1" },
      key { toolchain, _, _ in toolchain.compiler = "/bin/sh" },
      key { _, command, _ in command.executable = "/bin/sh" },
      key { _, command, _ in command.arguments = ["-O", "2"] },
      key { _, _, environment in environment["CPATH"] = "/x" },
    ]
    #expect(Set(keys).count == keys.count)
    #expect(key { _, command, _ in command.directory = URL(fileURLWithPath: "/x") } == keys[0])
  }

  /// Two models whose weights have one 64-bit fingerprint, which is easy to arrange: neither gets the other's library.
  @Test func weightsThatCollideIn64Bits() throws {
    let one = try Place.numbers(0)
    var bytes = one.bytes
    // The second word makes up for the difference that the first makes.
    func mixed(_ word: UInt64) -> UInt64 {
      let product = (0xcbf2_9ce4_8422_2325 ^ word) &* 0x0000_0100_0000_01b3
      return product ^ product >> 29
    }
    func word(_ index: Int) -> UInt64 {
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) }
    }
    let (before, after) = (word(0), word(0) ^ 0x0100)
    let second = word(1) ^ mixed(before) ^ mixed(after)
    bytes.replaceSubrange(0..<8, with: withUnsafeBytes(of: after) { Array($0) })
    bytes.replaceSubrange(8..<16, with: withUnsafeBytes(of: second) { Array($0) })
    let other = try #require(TensorLiteral(.f32, shape: [300], bytes: bytes))
    try #require(one != other && one.fingerprint == other.fingerprint)
    let place = try Place()
    #expect(try !place.compile(other))
    #expect(try !place.compile(one), "one model got the other's library")
    #expect(try place.sum() == 44850)
  }

  /// A record of a toolchain that was right once: its OpenMP is gone, or the compiler does nothing any more.
  @Test func aToolchainThatChangedIsNoBugOfTheText() throws {
    let place = try Place()
    let real = place.compiler.toolchain.compiler
    let wrapper = place.directory.url.appendingPathComponent("cc")
    func write(_ line: String) throws {
      try "#!/bin/sh\n\(line)\n".write(to: wrapper, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: wrapper.path)
    }
    try write("exec '\(real)' \"$@\"")
    let environment = ["TENSORC_CC": wrapper.path, "PATH": "/usr/bin:/bin"]
    let toolchain = try Toolchain.discover(environment: environment, cache: place.cache)
    let compiler = try LibraryCompiler(toolchain: toolchain, cache: place.cache)
    let program = SmallPrograms.reduction(toolchain.native, weights: try Place.numbers(0))
    func compile() throws -> CompiledFiles {
      try compiler.compile(program, to: place.library, kind: .shared, target: toolchain.native)
    }
    if toolchain.hasOpenMP {
      try write("case \"$*\" in *-fopenmp*) exit 1;; esac; exec '\(real)' \"$@\"")
      #expect(try !compile().wasCached)
      #expect(try place.sum() == 44850)
    }
    try write("exit 1")
    #expect(throws: ToolchainMissing.self) { try compile() }
  }
}

/// What is left of folders for work in progress.
@Suite struct ScratchTests {
  private func names(_ url: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }

  @Test func leftoversGoAndOthersStay() throws {
    let place = try ScratchDirectory.temporary()
    let files = FileManager.default
    let alive = try ScratchDirectory(in: place.url)
    func leave(_ name: String, lock: Bool, hours: Double = 0) throws {
      let url = place.url.appendingPathComponent(name)
      try files.createDirectory(at: url, withIntermediateDirectories: false)
      try Data("x".utf8).write(to: url.appendingPathComponent("half.so"))
      if lock { try Data().write(to: url.appendingPathComponent(".lock")) }
      let date = Date(timeIntervalSinceNow: -3600 * hours)
      try files.setAttributes([.modificationDate: date], ofItemAtPath: url.path)
    }
    try leave(".tensorc-dead", lock: true)
    try leave(".tensorc-older-version", lock: false, hours: 30)
    try leave(".tensorc-just-made", lock: false)
    try leave(".tensorc-being-made.new", lock: true)
    try leave(".tensorc-half-made.new", lock: true, hours: 30)
    try leave("tensorc-failed-report", lock: false, hours: 30)
    try leave("mine", lock: true, hours: 30)
    try files.createSymbolicLink(
      at: place.url.appendingPathComponent(".tensorc-link"),
      withDestinationURL: place.url.appendingPathComponent("mine"))
    ScratchDirectory.sweep(place.url)
    let expected = [
      alive.url.lastPathComponent, ".lock", ".tensorc-being-made.new", ".tensorc-just-made", ".tensorc-link", "mine",
      "tensorc-failed-report",
    ]
    #expect(try names(place.url) == expected.sorted())
    #expect(try names(place.url.appendingPathComponent("mine")) == [".lock", "half.so"])
    alive.remove()
    #expect(try !names(place.url).contains(alive.url.lastPathComponent))
  }

  @Test func whatIsKeptIsNotCleared() throws {
    let place = try ScratchDirectory.temporary()
    var url: URL?
    do {
      let scratch = try ScratchDirectory(in: place.url)
      try Data("x".utf8).write(to: scratch.url.appendingPathComponent("model.c"))
      url = scratch.keep()
    }
    ScratchDirectory.sweep(place.url)
    #expect(try names(#require(url)) == ["model.c"])
  }
}
