import TensorRuntime
import Testing

@Suite struct ArrayTests {
  @Test func copiesAreIndependent() throws {
    let original = try HostArray([1, 2, 3] as [Int32])
    var copy = original
    try copy.withUnsafeMutableElements(of: Int32.self) { $0[0] = 9 }
    #expect(try original.elements() == [1, 2, 3] as [Int32])
    #expect(try copy.elements() == [9, 2, 3] as [Int32])
  }

  @Test func viewsShareMemoryAndReadInTheirOwnOrder() throws {
    let matrix = try HostArray([1, 2, 3, 4, 5, 6] as [Int16], shape: [2, 3])
    let transposed = try matrix.transposed([1, 0])
    #expect(transposed.shape == [3, 2] && !transposed.isDense)
    #expect(try transposed.elements() == [1, 4, 2, 5, 3, 6] as [Int16])
    #expect(try transposed.rows(1..<3).elements() == [2, 5, 3, 6] as [Int16])
    #expect(try transposed.reshaped([6]).elements() == [1, 4, 2, 5, 3, 6] as [Int16])
    expectError("view") { _ = try matrix.rows(1..<3) }
    expectError("view") { _ = try matrix.transposed([0, 0]) }
    expectError("element-count") { _ = try matrix.reshaped([5]) }
  }

  @Test func packedElementsTakeHalfAByte() throws {
    let bytes: [UInt8] = [0x21, 0x03]
    let array = try bytes.withUnsafeBytes { try HostArray(bytes: $0, shape: [3], .i4) }
    #expect(try array.withUnsafeBytes { [UInt8]($0) } == bytes)
    expectError("view", "two elements to a byte") { _ = try array.rows(0..<2) }
    expectError("element-count", "2 bytes") {
      _ = try [UInt8](repeating: 0, count: 3).withUnsafeBytes { try HostArray(bytes: $0, shape: [3], .u4) }
    }
  }

  @Test func scalarsAndEmptyArrays() throws {
    #expect(try HostArray(scalar: true).scalar(as: Bool.self))
    #expect(try HostArray(scalar: 2.5).shape == [])
    #expect(try HostArray([] as [Float], shape: [0, 4]).elements() == [] as [Float])
  }

  @Test func ownedMemoryIsAligned() throws {
    try HostArray(zeros: [5], .u8).withUnsafeBytes { bytes in
      #expect(bytes.baseAddress.map { Int(bitPattern: $0) % 64 } == 0)
    }
  }

  @Test func thereIsAProcessor() { #expect(Processors.available >= 1) }
}
