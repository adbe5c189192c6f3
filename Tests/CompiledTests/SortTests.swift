import CompiledModels
import TensorIR
import TensorOps
import Testing

/// Sorts and scans of long lines, which all threads work on together.
@Suite struct SortTests {
  /// Many equal numbers, zeros of both signs, NaN and infinities.
  private static func mixed(_ count: Int) -> ReferenceTensor {
    let special = [0.0, -0.0, .nan, .infinity, -.infinity, 1e-40, -1e-40]
    let plain = Compiled.sample([count]).floats
    return ReferenceTensor(
      .f32, [count],
      floats: plain.enumerated().map { place, x in
        place % 11 == 3 ? special[place / 11 % special.count] : place % 3 == 0 ? (x * 8).rounded() : x
      })
  }

  private func patterns(_ tensor: ReferenceTensor) -> [UInt64] {
    tensor.elementType.isFloat
      ? tensor.floats.map { $0.isNaN ? 1 : $0.bitPattern } : tensor.integers.map { UInt64(bitPattern: Int64($0)) }
  }

  @Test(arguments: [100_003, 4096, 4095]) func longLines(count: Int) throws {
    let trace = TraceRecorder(name: "sort", symbols: SymbolTable([Symbol("n")]))
    let x = trace.parameter(TensorType(.f32, [Dimension(symbol: "n")]))
    let wide = x.cast(to: .f64)
    let half = x.cast(to: .f16)
    let function = try trace.finish([
      x.sorted(), x.sorted(descending: true), x.argSort(), x.argSort(descending: true), wide.argSort(), half.sorted(),
      half.argSort(descending: true),
    ])
    let input = Self.mixed(count)
    let expected = try Evaluator.run(function, [input])
    let model = try Compiled.modelForFour(function)
    for threads in [1, 2, 4] {
      let found = try Compiled.run(model, function, [input], threads: threads)
      for (number, (a, b)) in zip(found, expected).enumerated() {
        #expect(patterns(a) == patterns(b), "result \(number) of \(count) at \(threads) threads")
      }
    }
  }

  /// Chunks depend on the shape alone, so the bits are the same at every number of threads.
  @Test func longScans() throws {
    let trace = TraceRecorder(name: "scan")
    let x = trace.parameter(TensorType(.f32, [200_003]))
    let function = try trace.finish([
      x.cumulativeSum(axis: 0), x.cumulativeSum(axis: 0, exclusive: true, reverse: true), x.cumulativeMax(axis: 0),
      x.cumulativeMin(axis: 0, reverse: true), Tensor.linearScan(x * x.like(0.5), x, axis: 0),
      x.cast(to: .i32).cumulativeSum(axis: 0),
    ])
    let input = Compiled.sample([200_003])
    let expected = try Evaluator.run(function, [input])
    let model = try Compiled.modelForFour(function)
    let one = try Compiled.run(model, function, [input], threads: 1)
    for (number, (a, b)) in zip(one, expected).enumerated() {
      #expect(a.integers == b.integers)
      let worst = zip(a.floats, b.floats).map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= (number < 2 ? 0.05 : 1e-5), "result \(number) is off by \(worst)")
    }
    for threads in [2, 4] {
      let more = try Compiled.run(model, function, [input], threads: threads)
      for (a, b) in zip(more, one) { #expect(patterns(a) == patterns(b)) }
    }
  }
}
