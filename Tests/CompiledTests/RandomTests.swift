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
    let model = try Compiled.model(function, target: target)
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
}
