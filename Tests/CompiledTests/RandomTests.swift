import CompiledModels
import TensorIR
import TensorOps
import Testing

/// The generator's words in compiled code, against the vectors its authors published with Random123.
@Suite struct RandomTests {
  /// Counter, key, and the words of the block.
  static let published: [([UInt32], [UInt32], [UInt32])] = [
    ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    (
      [.max, .max, .max, .max], [.max, .max], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    ),
    (
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    ),
  ]

  private static func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }

  private static func state(_ words: [UInt32]) -> ReferenceTensor {
    ReferenceTensor(.u32, [6], integers: words.map { Int($0) })
  }

  @Test(arguments: published) func agreesWithItsAuthors(counter: [UInt32], key: [UInt32], words: [UInt32]) throws {
    let trace = TraceRecorder(name: "random")
    let function = try trace.finish([trace.parameter(TensorType(.u32, [6])).randomBits([4])])
    let input = Self.state(counter + key)
    #expect(try Evaluator.run(function, [input])[0].integers == words.map { Int($0) })
    #expect(try Compiled.run(function, [input])[0].integers == words.map { Int($0) })
  }

  /// The same bits from the evaluator and from compiled code on every target, at every number of threads.
  @Test(arguments: [nil, Target.generic, .x86v3] as [Target?]) func sameNumbersEverywhere(target: Target?) throws {
    let trace = TraceRecorder(name: "random")
    let state = trace.parameter(TensorType(.u32, [6]))
    let function = try trace.finish([
      state.randomBits([70, 1001]), state.randomUniform([9001], in: -3..<7),
      state.randomUniform([501], in: 0.1..<0.7, .f64),
      state.randomBernoulli(0.3, [9001]), state.randomIntegers([9001], in: -5..<1000),
    ])
    let input = Self.state([0xffff_fff0, 0, 0, 0, 42, 7])
    let expected = try Evaluator.run(function, [input])
    let model = try target == nil ? Compiled.modelForFour(function) : Compiled.model(function, target: target)
    for threads in [1, 2, 4] {
      for (found, want) in zip(try Compiled.run(model, function, [input], threads: threads), expected) {
        #expect(found.floats == want.floats && found.integers == want.integers)
      }
    }
    let uniform = expected[1].floats
    #expect(uniform.allSatisfy { (-3..<7).contains($0) })
    #expect(abs(Self.mean(uniform) - 2) < 0.1)
    #expect(abs(Self.mean(expected[3].floats) - 0.3) < 0.02)
    #expect(Set(expected[4].integers).count > 900 && expected[4].integers.allSatisfy { (-5..<1000).contains($0) })
  }

  /// Normal numbers of odd and even counts, symbolic too: the evaluator's but for the last bits of a logarithm and a cosine,
  /// with the moments of their distribution.
  @Test func normalNumbers() throws {
    let trace = TraceRecorder(name: "random")
    let state = trace.parameter(TensorType(.u32, [6]))
    let like = trace.parameter(TensorType(.f32, [Dimension(symbol: "n"), 3]))
    let function = try trace.finish([
      state.randomNormal([40, 501], mean: 2, deviation: 0.5, .f64), state.randomNormal(like.shape, .f32),
      state.randomNormal([]), state.randomNormal([0, 3]),
    ])
    for rows in [1, 2, 67] {
      let inputs = [
        Self.state([7, 0, 0, 0, 42, 7]),
        ReferenceTensor(.f32, [rows, 3], floats: Array(repeating: 0, count: rows * 3)),
      ]
      let expected = try Evaluator.run(function, inputs)
      for (found, want) in zip(try Compiled.run(function, inputs), expected) {
        #expect(found.shape == want.shape)
        #expect(zip(found.floats, want.floats).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) })
      }
      let numbers = expected[0].floats
      let count = Double(numbers.count)
      let mean = numbers.reduce(0, +) / count
      let moments = [2, 3, 4].map { power in
        numbers.reduce(0.0) { $0 + raised(($1 - 2) / 0.5, power) } / count
      }
      // Four standard errors; the moments of the standard distribution are 1, 0 and 3.
      #expect(abs(mean - 2) < 4 * 0.5 / count.squareRoot())
      for (found, (wanted, deviation)) in zip(moments, [(1.0, 2.0), (0.0, 15.0), (3.0, 96.0)]) {
        #expect(abs(found - wanted) < 4 * (deviation / count).squareRoot(), "\(moments)")
      }
    }
  }

  private func raised(_ x: Double, _ power: Int) -> Double { (0..<power).reduce(1) { product, _ in product * x } }

  /// Drawn with probabilities that differ from element to element.
  @Test func drawsWithGivenProbabilities() throws {
    let trace = TraceRecorder(name: "random")
    let state = trace.parameter(TensorType(.u32, [6]))
    let chances = trace.parameter(TensorType(.f32, [3, 4000]))
    let weights = trace.parameter(TensorType(.f32, [2, 3]))
    let function = try trace.finish([
      state.randomBernoulli(chances, .i32), state.randomCategorical(weights, count: 4000),
    ])
    let shares = [0, 0.25, 1]
    let inputs = [
      Self.state([0, 0, 5, 0, 1, 2]),
      ReferenceTensor(.f32, [3, 4000], floats: shares.flatMap { Array(repeating: $0, count: 4000) }),
      ReferenceTensor(.f32, [2, 3], floats: [1, 0, 3, 0, 5, 0]),
    ]
    let found = try Compiled.run(function, inputs)
    let expected = try Evaluator.run(function, inputs)
    for (a, b) in zip(found, expected) { #expect(a.integers == b.integers) }
    for (row, share) in shares.enumerated() {
      let ones = Double(found[0].integers[row * 4000..<row * 4000 + 4000].reduce(0, +))
      #expect(abs(ones / 4000 - share) <= 4 * (share * (1 - share) / 4000).squareRoot())
    }
    let first = found[1].integers.prefix(4000)
    #expect(first.allSatisfy { $0 == 0 || $0 == 2 })
    let share = Double(first.filter { $0 == 2 }.count) / 4000
    let deviation: Double = (0.1875 / 4000).squareRoot()
    #expect(abs(share - 0.75) < 4 * deviation)
    #expect(found[1].integers.suffix(4000).allSatisfy { $0 == 1 })
  }
}
