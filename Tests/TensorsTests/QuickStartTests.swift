import Tensors
import Testing

@testable import Tensors

/// What a newcomer writes first.
@Suite struct QuickStartTests {
  @Test func makesAndCombinesTensors() throws {
    let x = Tensor([[1, 2], [3, 4]])
    let y = Tensor([10, 20])
    #expect("\(x.shape)" == "[2, 2]")
    #expect(try (x + y).array(of: Float.self) == [11, 22, 13, 24])
    #expect(try x.matmul(x).array(of: Float.self) == [7, 10, 15, 22])
    #expect(try (x - 2.5).relu().array(of: Float.self) == [0, 0, 0.5, 1.5])
    #expect(try (2 * x + 1).sum(axes: [0, 1]).item() == 24)
    let probabilities = try x.softmax(axis: 1).array(of: Float.self)
    #expect(abs(probabilities[0] + probabilities[1] - 1) < 1e-6)
  }

  @Test func makesTensorsOfEveryKind() throws {
    #expect(try Tensor.zeros([2]).array(of: Float.self) == [0, 0])
    #expect(try Tensor.ones([2], .i64).array(of: Int64.self) == [1, 1])
    #expect(try Tensor.full(7, [1, 2], .f64).array(of: Double.self) == [7, 7])
    #expect(try Tensor.arange(4).array(of: Float.self) == [0, 1, 2, 3])
    #expect(try Tensor.arange(1, 2, step: 0.25).array(of: Float.self) == [1, 1.25, 1.5, 1.75])
    #expect(try Tensor.identity(2).array(of: Float.self) == [1, 0, 0, 1])
    #expect(try Tensor(of: [1, 2] as [Int32]).array(of: Int32.self) == [1, 2])
    #expect(try Tensor(3).item() == 3)
    #expect(try Tensor([1, 0], .bool).array(of: Bool.self) == [true, false])
  }

  @Test func nothingIsComputedBeforeItIsRead() async throws {
    let x = Tensor([1, 2])
    let before = LazyGraph.shared.population
    do {
      let y = x + x
      #expect(LazyGraph.shared.isPending(y))
      try y.evaluate()
      #expect(!LazyGraph.shared.isPending(y))
    }
    // Other tests record into the same graph meanwhile; what this one left there would stay.
    for _ in 0..<1000 where LazyGraph.shared.population.operations > before.operations {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(LazyGraph.shared.population.operations <= before.operations)
  }

  @Test func randomNumbersAreReproducible() throws {
    var first = RandomNumbers(seed: 7)
    var second = RandomNumbers(seed: 7)
    let a = try first.normal([1001]).array(of: Float.self)
    #expect(try second.normal([1001]).array(of: Float.self) == a)
    let mean = a.reduce(0, +) / 1001
    #expect(abs(mean) < 0.15)
    let uniform = try first.uniform([1000], in: -1..<1).array(of: Float.self)
    #expect(uniform.allSatisfy { $0 >= -1 && $0 < 1 })
    #expect(first.permutation(10).sorted() == Array(0..<10))
  }

  /// The known answers of the generator's authors (Random123, kat_vectors).
  @Test func philoxAgreesWithItsAuthors() {
    let zero = RandomBits.block((0, 0, 0, 0), key: (0, 0))
    #expect(zero == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    let ones = RandomBits.block((.max, .max, .max, .max), key: (.max, .max))
    #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    let pi = RandomBits.block((0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0))
    #expect(pi == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  /// A seed on the host and a state in compiled code give the same numbers, wherever the stream has got to.
  @Test func theHostDrawsWhatCompiledCodeDraws() throws {
    let (low, high): (UInt32, UInt32) = (0x89ab_cdef, 0x0123_4567)
    var random = RandomNumbers(seed: UInt64(high) << 32 | UInt64(low))
    var counter: UInt32 = 0
    for size in [1, 5, 1001] {
      let state = Tensor(of: [counter, 0, 0, 0, low, high])
      let shape = [Dimension(size)]
      let host = try random.uniform([size], in: -3..<7).array(of: Float.self)
      #expect(
        try state.randomUniform(shape, in: -3..<7).array(of: Float.self).map(\.bitPattern) == host.map(\.bitPattern))
      counter += UInt32((size + 3) / 4)
      let next = Tensor(of: [counter, 0, 0, 0, low, high])
      let integers = try random.integers([size], in: -5..<1000).array(of: Int64.self)
      #expect(try next.randomIntegers(shape, in: -5..<1000).array(of: Int64.self) == integers)
      counter += UInt32((size + 3) / 4)
    }
  }
}
