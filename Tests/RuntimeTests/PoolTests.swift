import Testing

@testable import TensorRuntime

/// The memory that a library asks for while it runs.
@Suite struct PoolTests {
  @Test func whatIsGivenBackIsGivenOutAgain() throws {
    let pool = MemoryPool()
    let first = try #require(pool.allocate(nil, 0, 1000))
    #expect(pool.allocate(first, 1000, 0) == nil)
    // The same size or a little less, as the next run asks; not for much less.
    #expect(pool.allocate(nil, 0, 900) == first)
    _ = pool.allocate(first, 900, 0)
    let small = try #require(pool.allocate(nil, 0, 100))
    #expect(small != first)
    _ = pool.allocate(small, 100, 0)
  }

  @Test func contentsStayWhenItGrows() throws {
    let pool = MemoryPool()
    let first = try #require(pool.allocate(nil, 0, 4))
    for byte in 0..<4 { first.storeBytes(of: UInt8(byte + 1), toByteOffset: byte, as: UInt8.self) }
    let larger = try #require(pool.allocate(first, 4, 4096))
    #expect((0..<4).map { larger.load(fromByteOffset: $0, as: UInt8.self) } == [1, 2, 3, 4])
    _ = pool.allocate(larger, 4096, 0)
    #expect(pool.allocate(nil, 0, .max / 2) == nil)
  }
}
