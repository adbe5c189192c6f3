import Foundation
import TestSupport
import Testing

@testable import TensorData

/// The files that Fixtures/make_npy.py wrote with NumPy.
private let fixtures = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/npy")

private func fixture(_ name: String) -> String { fixtures.appendingPathComponent("\(name).npy").path }

/// The bytes of the elements 0 to 5 in `type`; for bool, of whether they are odd.
private func counting(_ type: DataType) -> Data {
  func bytes<Element: BitwiseCopyable>(_ convert: (Int) -> Element) -> Data {
    (0..<6).map(convert).withUnsafeBytes { Data($0) }
  }
  switch type {
  case .f64: return bytes { Double($0) }
  case .f32: return bytes { Float($0) }
  case .f16: return Data([0, 0, 0, 0x3C, 0, 0x40, 0, 0x42, 0, 0x44, 0, 0x45])
  case .bf16: return bytes { UInt16(Float($0).bitPattern >> 16) }
  case .i8: return bytes { Int8($0) }
  case .i16: return bytes { Int16($0) }
  case .i32: return bytes { Int32($0) }
  case .i64: return bytes { Int64($0) }
  case .u8: return bytes { UInt8($0) }
  case .u16: return bytes { UInt16($0) }
  case .u32: return bytes { UInt32($0) }
  case .u64: return bytes { UInt64($0) }
  case .bool: return bytes { UInt8($0 % 2) }
  case .i4, .u4: return Data([0x10, 0x32, 0x54])
  }
}

private func expectError(_ id: String, _ body: () throws -> Void, at location: SourceLocation = #_sourceLocation) {
  let error = #expect(throws: TensorDataError.self, sourceLocation: location) { try body() }
  #expect(error?.id == id, sourceLocation: location)
}

@Suite struct NpyTests {
  static let wholeByteTypes = DataType.allCases.filter { $0.bitWidth >= 8 }

  @Test(arguments: wholeByteTypes) func readsWhatNumPyWrote(_ type: DataType) throws {
    let tensor = try NpyFile.read(fixture(type.rawValue))
    #expect(tensor.type == type)
    #expect(tensor.shape == [2, 3])
    #expect(tensor.bytes == counting(type))
  }

  @Test(arguments: wholeByteTypes) func writesTheBytesNumPyWrites(_ type: DataType) throws {
    let tensor = try HostTensor(type: type, shape: [2, 3], bytes: counting(type))
    let expected = try Data(contentsOf: URL(fileURLWithPath: fixture(type.rawValue)))
    // NumPy leaves room in the header for the shape to grow, so headers are compared as values.
    let written = NpyFile.encode(tensor)
    #expect(try NpyHeader.parse(written).header == (try NpyHeader.parse(expected).header))
    #expect(try NpyHeader.parse(written).elementsOffset % 64 == 0)
    #expect(written.suffix(tensor.bytes.count) == expected.suffix(tensor.bytes.count))
  }

  @Test(arguments: wholeByteTypes, [[], [0], [1], [7], [2, 0, 3], [3, 5], [2, 3, 4]])
  func roundTrips(_ type: DataType, _ shape: [Int]) throws {
    let size = try HostTensor.byteCount(type: type, shape: shape)
    let tensor = try HostTensor(type: type, shape: shape, bytes: Data((0..<size).map { UInt8($0 % 2) }))
    #expect(try NpyFile.decode(NpyFile.encode(tensor)) == tensor)
  }

  @Test func packedTypesAreWidened() throws {
    let signed = try HostTensor(type: .i4, shape: [3], bytes: Data([0x8F, 0x07]))
    #expect(try NpyFile.decode(NpyFile.encode(signed)).elements(as: Int8.self) == [-1, -8, 7])
    let unsigned = try HostTensor(type: .u4, shape: [3], bytes: Data([0x8F, 0x07]))
    #expect(try NpyFile.decode(NpyFile.encode(unsigned)).elements(as: UInt8.self) == [15, 8, 7])
  }

  @Test func readsShapesOrdersAndVersions() throws {
    #expect(try NpyFile.read(fixture("scalar")).elements(as: Float.self) == [2.5])
    #expect(try NpyFile.read(fixture("scalar")).shape == [])
    #expect(try NpyFile.read(fixture("empty")).shape == [2, 0, 3])
    #expect(try NpyFile.read(fixture("fortran")).elements(as: Int32.self) == (0..<24).map(Int32.init))
    #expect(try NpyFile.read(fixture("fortran")).shape == [2, 3, 4])
    #expect(try NpyFile.read(fixture("opaque")) == NpyFile.read(fixture("bf16")))
    for version in ["version2", "version3"] {
      #expect(try NpyFile.read(fixture(version)).bytes == counting(.f32))
    }
  }

  @Test(arguments: ["big_endian", "complex", "structured", "text"]) func refusesOtherTypes(_ name: String) {
    expectError("npy-type") { _ = try NpyFile.read(fixture(name)) }
  }

  @Test func errorsNameTheFile() {
    let error = #expect(throws: TensorDataError.self) { try NpyFile.read(fixture("text")) }
    #expect(error?.file == fixture("text"))
    expectError("file-unreadable") { _ = try NpyFile.read("/nowhere/at/all.npy") }
    expectError("file-not-regular") { _ = try NpyFile.read(fixtures.path) }
  }

  @Test func damageIsAnError() throws {
    let whole = NpyFile.encode(try HostTensor(type: .f32, shape: [2, 3], bytes: counting(.f32)))
    for length in 0..<whole.count {
      expectError("npy-truncated") { _ = try NpyFile.decode(whole.prefix(length)) }
    }
    expectError("npy-trailing-bytes") { _ = try NpyFile.decode(whole + [0]) }
    var generator = Mutations(seed: 7)
    for _ in 0..<2000 { _ = try? NpyFile.decode(generator.mutated(whole)) }
  }

  @Test(arguments: [
    "", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': Maybe, 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
    "{'descr': '<f4', 'descr': '<f4', 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
    "{'descr': '<f4, 'fortran_order': False, 'shape': ()}",
  ]) func malformedHeadersAreErrors(_ text: String) {
    var parser = NpyHeaderParser(text: Array(text.utf8))
    expectError("npy-header") { _ = try parser.parse() }
  }

  @Test func acceptsTheSpellingsOfOtherWriters() throws {
    var parser = NpyHeaderParser(text: Array(#"{"shape":(2L,3),"fortran_order":True,"descr":"<f4"}"#.utf8))
    #expect(try parser.parse() == NpyHeader(descriptor: "<f4", isFortranOrder: true, shape: [2, 3]))
  }
}
