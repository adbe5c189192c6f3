import Foundation
import TestSupport
import Testing

@testable import TensorData

/// Files that Fixtures/make_archives.py wrote with NumPy and safetensors.
@Suite struct ArchiveTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/archives")

  private static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private static func expected() throws -> [String: HostTensor] {
    [
      "counting": try HostTensor(type: .f32, shape: [2, 3], elements: (0..<6).map { Float($0) }),
      "long": try HostTensor(type: .i64, shape: [5000], elements: (0..<5000).map { Int64($0 % 17) }),
      "scalar": try HostTensor(type: .f64, shape: [], elements: [2.5]),
      "empty": try HostTensor(type: .u8, shape: [0, 3], bytes: Data()),
    ]
  }

  @Test(arguments: ["stored.npz", "deflated.npz"]) func readsWhatNumPyWrote(_ file: String) throws {
    let expected = try Self.expected()
    let found = try NpzFile.read(Self.path(file))
    #expect(found.count == (file == "stored.npz" ? 3 : 4))
    for entry in found { #expect(entry.tensor == expected[entry.name], "\(entry.name)") }
  }

  /// What does not compress is stored, or coded with long codes.
  @Test func readsRandomBytes() throws {
    let plain = try NpyFile.read(Self.path("random.npy"))
    #expect(try NpzFile.read(Self.path("random.npz")).map(\.tensor) == [plain])
  }

  @Test func readsSafetensors() throws {
    let file = try SafetensorsFile(path: Self.path("model.safetensors"))
    #expect(file.metadata == ["maker": "a test"])
    let expected = try Self.expected()
    #expect(Set(file.tensors.map(\.name)) == Set(expected.keys))
    for entry in file.tensors { #expect(entry.tensor == expected[entry.name], "\(entry.name)") }
  }

  @Test func writesWhatItReads() throws {
    let tensors = try Self.expected().sorted { $0.key < $1.key }.map { NamedTensor($0.key, $0.value) }
    try withTemporaryDirectory { folder in
      try NpzFile.write(tensors, to: folder + "/x.npz")
      #expect(try NpzFile.read(folder + "/x.npz") == tensors)
      let file = SafetensorsFile(tensors, metadata: ["a": "b"])
      try file.write(to: folder + "/x.safetensors")
      let back = try SafetensorsFile(path: folder + "/x.safetensors")
      #expect(back.metadata == ["a": "b"])
      #expect(Set(back.tensors.map(\.name)) == Set(tensors.map(\.name)))
      for tensor in tensors { #expect(back.tensors.contains(tensor)) }
    }
  }

  @Test func refusesTwoOfOneName() throws {
    let one = NamedTensor("a", try HostTensor(type: .u8, shape: [1], elements: [UInt8(1)]))
    try withTemporaryDirectory { folder in
      #expect(throws: TensorDataError.self) { try NpzFile.write([one, one], to: folder + "/x.npz") }
      #expect(!FileManager.default.fileExists(atPath: folder + "/x.npz"))
    }
  }

  /// Bytes that are missing or damaged give an error or other tensors, never a trap.
  @Test(arguments: ["stored.npz", "deflated.npz", "random.npz", "model.safetensors"])
  func survivesDamage(_ file: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.path(file)))
    func decode(_ data: Data) throws {
      if file.hasSuffix("npz") { _ = try NpzFile.decode(data) } else { _ = try SafetensorsFile(decoding: data) }
    }
    try decode(data)
    var random = Mutations(seed: 5)
    for _ in 0..<400 { try? decode(random.mutated(data)) }
    for count in stride(from: 0, to: data.count, by: 13) {
      #expect(throws: TensorDataError.self, "\(count) bytes") { try decode(data.prefix(count)) }
    }
  }
}
