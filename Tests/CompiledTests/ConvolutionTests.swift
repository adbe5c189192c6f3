import CompiledModels
import TensorCodegenC
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

@Suite struct ConvolutionTests {
  private func check(
    _ x: [Int], _ w: [Int], strides: [Int], before: [Int], after: [Int], dilations: [Int], groups: Int = 1,
    bias: Bool = true
  ) throws {
    let trace = TraceRecorder(name: "f")
    let n = Dimension(symbol: "n")
    let filters = Compiled.sample(w, seed: 5)
    let input = trace.parameter(TensorType(.f32, [n] + x.dropFirst().map { Dimension($0) }), name: "x")
    let weights = trace.record(Constant(filters.literal), [], at: .unknown)[0]
    let offsets = bias ? trace.record(Constant(Compiled.sample([w[0]], seed: 6).literal), [], at: .unknown)[0] : .absent
    let y = input.convolution(
      weights, bias: offsets, strides: strides, before: before, after: after, dilations: dilations, groups: groups)
    let f = try trace.finish([y.relu()])
    let inputs = [Compiled.sample(x)]
    let difference = Compiled.difference(try Compiled.run(f, inputs), try Evaluator.run(f, inputs))
    #expect(difference < 1e-4, "\(x) * \(w)")
  }

  @Test func dense() throws {
    try check([2, 3, 9, 11], [5, 3, 3, 3], strides: [2, 2], before: [0, 0], after: [1, 1], dilations: [1, 1])
    try check([1, 16, 7, 7], [40, 16, 1, 1], strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1])
    try check([3, 8, 6, 5], [33, 8, 3, 2], strides: [1, 2], before: [1, 1], after: [1, 0], dilations: [2, 1])
    try check([2, 20, 30], [17, 20, 5], strides: [1], before: [2], after: [2], dilations: [1])
    try check([2, 1, 300], [20, 1, 64], strides: [16], before: [0], after: [0], dilations: [1], bias: false)
    try check([2, 12, 40, 1], [24, 12, 5, 1], strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1])
    try check(
      [1, 2, 4, 5, 6], [3, 2, 2, 3, 2], strides: [1, 2, 1], before: [0, 1, 0], after: [1, 1, 0], dilations: [1, 1, 2])
  }

  /// Lines in bands that share each panel of filters; the last band, and the last of a thread, may be shorter.
  @Test func bands() throws {
    var target = try LibraryCompiler().toolchain.native
    (target.tuning.products.leastBanded, target.tuning.products.bandElements) = (0, 240)
    for (kernel, stride) in [(3, 1), (1, 2)] {
      let trace = TraceRecorder(name: "f")
      let x = trace.parameter(TensorType(.f32, [Dimension(symbol: "n"), 6, 9, 7]), name: "x")
      let filters = Compiled.sample([40, 6, kernel, kernel], seed: 5)
      let weights = trace.record(Constant(filters.literal), [], at: .unknown)[0]
      let margin = [kernel / 2, kernel / 2]
      let f = try trace.finish([
        x.convolution(weights, strides: [stride, stride], before: margin, after: margin, dilations: [1, 1])
      ])
      let (model, inputs) = (try Compiled.model(f, target: target, work: 2_000_000), [Compiled.sample([3, 6, 9, 7])])
      let expected = try Evaluator.run(f, inputs)
      for threads in 1...3 {
        let difference = Compiled.difference(try Compiled.run(model, f, inputs, threads: threads), expected)
        #expect(difference < 1e-4, "\(kernel), \(threads) threads")
      }
    }
  }

  /// Filters of 3 by 3 that each run is given are transformed by it where that pays for itself.
  @Test func transformedFiltersOfEachRun() throws {
    for (x, w) in [([4, 32, 14, 13], [40, 32, 3, 3]), ([2, 16, 3, 12, 9], [64, 16, 2, 3, 3])] {
      let trace = TraceRecorder(name: "f")
      let n = Dimension(symbol: "n")
      let input = trace.parameter(TensorType(.f32, [n] + x.dropFirst().map { Dimension($0) }), name: "x")
      let filters = trace.parameter(TensorType(.f32, w.map { Dimension($0) }), name: "w")
      let ones = [Int](repeating: 1, count: x.count - 2)
      let y = input.convolution(filters, strides: ones, before: ones, after: ones, dilations: ones)
      let f = try trace.finish([y.relu()])
      let program = try Pipeline.compile(f, PipelineOptions(target: try LibraryCompiler().toolchain.native))
      #expect(program.kernels.contains { $0.name.contains("winograd") }, "\(w)")
      let inputs = [Compiled.sample(x), Compiled.sample(w, seed: 5)]
      let difference = Compiled.difference(try Compiled.run(f, inputs), try Evaluator.run(f, inputs))
      #expect(difference < 1e-4, "\(w)")
    }
  }

  /// Gradients of filters of 3 by 3 are products of transformed tiles where that pays for itself; those of few channels read the
  /// cotangent as it lies.
  @Test func gradientsOfFilters() throws {
    for (x, filters, margins, kernel) in [
      ([9, 32, 14, 13], 48, [1, 1], "winograd_filter_gradient"),
      ([7, 48, 10, 9], 32, [1, 0], "winograd_filter_gradient"),
      ([5, 1, 14, 15], 32, [1, 1], "filter_gradient"), ([3, 3, 13, 12], 16, [0, 1], "filter_gradient"),
    ] {
      let trace = TraceRecorder(name: "f")
      let n = Dimension(symbol: "n")
      let input = trace.parameter(TensorType(.f32, [n] + x.dropFirst().map { Dimension($0) }), name: "x")
      let edges = zip(x.suffix(2), margins).map { $0 + 2 * $1 - 2 }
      let shape = [filters] + edges
      let cotangent = trace.parameter(TensorType(.f32, [n] + shape.map { Dimension($0) }), name: "y")
      let weights = trace.parameter(TensorType(.f32, [filters, x[1], 3, 3].map { Dimension($0) }), name: "w")
      let gradients = input.relu().convolutionGradients(weights, cotangent: cotangent, before: margins)
      let f = try trace.finish([gradients.filters.relu()])
      let program = try Pipeline.compile(f, PipelineOptions(target: try LibraryCompiler().toolchain.native))
      #expect(program.kernels.contains { $0.name.contains(kernel) }, "\(x)")
      let inputs = [
        Compiled.sample(x), Compiled.sample([x[0]] + shape, seed: 5), Compiled.sample([filters, x[1], 3, 3]),
      ]
      let expected = try Evaluator.run(f, inputs)
      for threads in [1, 3] {
        let found = try Compiled.run(f, inputs, threads: threads)
        #expect(Compiled.difference(found, expected) < 1e-3, "\(x), \(threads) threads")
      }
    }
  }

  /// Images of few channels are read as they lie.
  @Test func planes() throws {
    try check([2, 3, 17, 15], [20, 3, 3, 3], strides: [2, 2], before: [0, 0], after: [1, 1], dilations: [1, 1])
    try check([1, 4, 12, 33], [33, 4, 5, 7], strides: [1, 2], before: [2, 3], after: [2, 3], dilations: [1, 2])
    try check([2, 1, 9, 14], [17, 1, 3, 3], strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [2, 1])
  }

  @Test func grouped() throws {
    try check(
      [2, 24, 9, 8], [24, 1, 3, 3], strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [1, 1], groups: 24)
    try check(
      [1, 40, 11, 12], [40, 1, 5, 5], strides: [2, 2], before: [1, 1], after: [2, 2], dilations: [1, 1], groups: 40)
    try check(
      [2, 8, 6, 6], [12, 4, 3, 3], strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [2, 2], groups: 2)
    // Columns of a group that fill a panel, or several, or none.
    try check(
      [2, 12, 6, 5], [60, 4, 1, 1], strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1], groups: 3)
    try check(
      [2, 8, 9, 7], [144, 4, 3, 3], strides: [2, 1], before: [1, 1], after: [0, 1], dilations: [1, 1], groups: 2)
    try check(
      [3, 64, 5, 4], [128, 32, 1, 1], strides: [2, 2], before: [0, 0], after: [0, 0], dilations: [1, 1], groups: 2,
      bias: false)
    // Several filters for each channel.
    try check(
      [1, 6, 8, 7], [12, 1, 3, 3], strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [1, 1], groups: 6)
    try check([2, 10, 31], [20, 2, 5], strides: [3], before: [2], after: [2], dilations: [2], groups: 5)
  }
}
