import Foundation
import TestSupport
import Testing

@testable import TensorData

/// The files that Fixtures/make_archives.py wrote with NumPy and the safetensors library.
private let fixtures = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/archives")

private func fixture(_ name: String) -> String { fixtures.appendingPathComponent(name).path }

private func expectError(_ id: String, _ body: () throws -> Void, at location: SourceLocation = #_sourceLocation) {
  let error = #expect(throws: TensorDataError.self, sourceLocation: location) { try body() }
  #expect(error?.id == id, sourceLocation: location)
}

private func check(_ tensors: [NamedTensor], at location: SourceLocation = #_sourceLocation) throws {
  let named = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
  #expect(named.keys.sorted() == ["counting", "empty", "long", "scalar", "truth/table"], sourceLocation: location)
  #expect(named["counting"]?.shape == [2, 3], sourceLocation: location)
  #expect(try named["counting"]?.elements(as: Float.self) == [0, 1, 2, 3, 4, 5], sourceLocation: location)
  let long = try JSONDecoder().decode([Int32].self, from: Data(contentsOf: URL(fileURLWithPath: fixture("long.json"))))
  #expect(try named["long"]?.elements(as: Int32.self) == long, sourceLocation: location)
  #expect(named["scalar"]?.shape == [] && named["scalar"]?.type == .f64, sourceLocation: location)
  #expect(try named["scalar"]?.elements(as: Double.self) == [2.5], sourceLocation: location)
  #expect(named["empty"]?.shape == [2, 0, 3] && named["empty"]?.type == .u16, sourceLocation: location)
  #expect(named["truth/table"]?.type == .bool, sourceLocation: location)
  #expect(try named["truth/table"]?.elements(as: UInt8.self) == [1, 0, 1], sourceLocation: location)
}

/// One tensor of every type that files hold, with an odd number of elements.
private func everyType() throws -> [NamedTensor] {
  try DataType.allCases.filter { $0.bitWidth > 4 }.map { type in
    let bytes = Data((0..<3 * type.bitWidth / 8).map { type == .bool ? UInt8($0 % 2) : UInt8($0) })
    return NamedTensor("tensor \"\(type.rawValue)\" é/\\", try HostTensor(type: type, shape: [3, 1], bytes: bytes))
  }
}

@Suite struct NpzTests {
  @Test(arguments: ["stored.npz", "deflated.npz"]) func readsWhatNumPyWrote(_ name: String) throws {
    try check(try NpzFile.read(fixture(name)))
  }

  @Test func readsCodesOfFewSymbols() throws {
    let tensors = try NpzFile.read(fixture("tiny.npz"))
    #expect(tensors.map(\.name) == ["zeros", "two"])
    #expect(try tensors[0].tensor.elements(as: UInt8.self) == [UInt8](repeating: 0, count: 500))
    #expect(try tensors[1].tensor.elements(as: UInt8.self) == [3, 4])
  }

  @Test func writesWhatItReads() throws {
    try withTemporaryDirectory { folder in
      let path = "\(folder)/a.npz"
      let tensors = try everyType()
      try NpzFile.write(tensors, to: path)
      #expect(try NpzFile.read(path) == tensors)
      try NpzFile.write([], to: path)
      #expect(try NpzFile.read(path).isEmpty)
      expectError("data-name") { try NpzFile.write([tensors[0], tensors[0]], to: path) }
    }
  }

  /// Two entries of the directory that name the same bytes, and one whose bytes hold another's record: what makes small
  /// files huge.
  @Test(arguments: ["shared.npz", "nested.npz", "directory.npz"]) func refusesEntriesThatOverlap(_ name: String) throws
  {
    let error = #expect(throws: TensorDataError.self) { try NpzFile.read(fixture(name)) }
    #expect(error?.id == "zip-malformed")
    #expect(error?.message.contains("overlap") == true)
  }

  /// The checksum that PNG and zip give for the digits 1 to 9.
  @Test func checksumIsTheKnownOne() {
    #expect(ZipArchive.Checksum().adding(Data("123456789".utf8)).value == 0xCBF4_3926)
  }

  /// Files cut and changed at random are read or refused, and nothing traps.
  @Test(arguments: ["stored.npz", "deflated.npz"]) func refusesDamagedFiles(_ name: String) throws {
    let file = try Data(contentsOf: URL(fileURLWithPath: fixture(name)))
    for length in stride(from: 0, to: file.count, by: 97) {
      #expect(throws: TensorDataError.self) { try NpzFile.decode(file.prefix(length)) }
    }
    var random = Mutations(seed: 3)
    for _ in 0..<300 {
      do { _ = try NpzFile.decode(random.mutated(file)) } catch is TensorDataError {}
    }
  }

  @Test func compressedBytesThatAreNoneAreRefused() throws {
    // A kind of block that does not exist, nothing at all, and a copy from before the beginning.
    for bytes in [Data([0x07]), Data(), Data([0x03, 0x02, 0x00])] {
      #expect(throws: TensorDataError.self) { try Inflate.bytes(bytes, count: 4) }
    }
    #expect(try Inflate.bytes(Data([0x01, 0x02, 0x00, 0xFD, 0xFF, 0x41, 0x42]), count: 2) == Data("AB".utf8))
    expectError("zip-deflate") {
      _ = try Inflate.bytes(Data([0x01, 0x02, 0x00, 0xFD, 0xFF, 0x41, 0x42]), count: 3)
    }
  }
}

@Suite struct SafetensorsTests {
  @Test func readsWhatTheLibraryWrote() throws {
    let file = try SafetensorsFile(path: fixture("plain.safetensors"))
    try check(file.tensors)
    #expect(file.metadata == ["format": "np", "note": "a \"quoted\" line"])
  }

  @Test func writesWhatItReads() throws {
    let tensors = try everyType()
    try withTemporaryDirectory { folder in
      let path = "\(folder)/a.safetensors"
      try SafetensorsFile(tensors, metadata: ["a": "b/\n"]).write(to: path)
      let read = try SafetensorsFile(path: path)
      #expect(read.tensors.sorted { $0.name < $1.name } == tensors.sorted { $0.name < $1.name })
      #expect(read.metadata == ["a": "b/\n"])
      let widths = read.tensors.map(\.tensor.type.bitWidth)
      #expect(widths == widths.sorted(by: >))
    }
    // Elements begin at a multiple of eight, the wide ones first, so that all are aligned.
    let bytes = try SafetensorsFile(tensors).encoded()
    #expect(bytes[0] % 8 == 0)
    #expect(try SafetensorsFile(decoding: SafetensorsFile([]).encoded()).tensors.isEmpty)
  }

  @Test func refusesWhatCannotBeWritten() throws {
    let tensor = try HostTensor(type: .u4, shape: [2], bytes: Data([0x21]))
    expectError("safetensors-type") { _ = try SafetensorsFile([NamedTensor("a", tensor)]).encoded() }
    let byte = try HostTensor(type: .u8, shape: [], bytes: Data([1]))
    expectError("safetensors-type") { _ = try SafetensorsFile([NamedTensor("__metadata__", byte)]).encoded() }
    expectError("data-name") {
      _ = try SafetensorsFile([NamedTensor("a", byte), NamedTensor("a", byte)]).encoded()
    }
  }

  @Test(arguments: [
    "gap", "overlap", "beyond", "backwards", "trailing", "short", "list", "cut", "number", "huge", "long_header",
  ]) func refusesHostileHeaders(_ name: String) {
    expectError("safetensors-header") { _ = try SafetensorsFile(path: fixture("\(name).safetensors")) }
  }

  @Test func refusesOtherFaults() {
    expectError("tensor-overflow") { _ = try SafetensorsFile(path: fixture("overflow.safetensors")) }
    expectError("tensor-negative-extent") { _ = try SafetensorsFile(path: fixture("negative.safetensors")) }
    expectError("safetensors-type") { _ = try SafetensorsFile(path: fixture("type.safetensors")) }
    expectError("file-unreadable") { _ = try SafetensorsFile(path: fixture("absent.safetensors")) }
  }

  /// Files cut and changed at random are read or refused, and nothing traps.
  @Test func refusesDamagedFiles() throws {
    let file = try Data(contentsOf: URL(fileURLWithPath: fixture("plain.safetensors")))
    for length in stride(from: 0, to: file.count, by: 61) {
      #expect(throws: TensorDataError.self) { try SafetensorsFile(decoding: file.prefix(length)) }
    }
    var random = Mutations(seed: 5)
    for _ in 0..<500 {
      // The header, where a change matters.
      let changed = random.mutated(file.prefix(500)) + file.dropFirst(500)
      do { _ = try SafetensorsFile(decoding: changed) } catch is TensorDataError {}
    }
  }
}
