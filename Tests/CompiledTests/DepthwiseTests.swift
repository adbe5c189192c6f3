import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Depthwise convolutions with what is fused behind them: borders, tails, and sizes that are known only at run time.
@Suite struct DepthwiseTests {
  struct Window {
    var kernel: Int
    var stride = 1
    var before = 0
    var after = 0
    var dilation = 1
  }

  /// - Parameter isStatic: whether height and width are numbers in the function.
  private func check(
    _ x: [Int], _ window: Window, isStatic: Bool, ends: (Tensor) -> Tensor = { $0.clip(minimum: 0, maximum: 2) }
  ) throws {
    let trace = TraceRecorder(name: "f")
    var shape = [Dimension(symbol: "n")] + x.dropFirst().map { Dimension($0) }
    if !isStatic {
      for axis in 2..<x.count { shape[axis] = Dimension(symbol: "s\(axis)") }
    }
    let input = trace.parameter(TensorType(.f32, shape), name: "x")
    let spatial = x.count - 2
    let filters = [x[1], 1] + Array(repeating: window.kernel, count: spatial)
    let weights = trace.record(Constant(Compiled.sample(filters, seed: 5).literal), [], at: .unknown)[0]
    let bias = trace.record(Constant(Compiled.sample([x[1]], seed: 6).literal), [], at: .unknown)[0]
    func all(_ number: Int) -> [Int] { Array(repeating: number, count: spatial) }
    let y = input.convolution(
      weights, bias: bias, strides: all(window.stride), before: all(window.before), after: all(window.after),
      dilations: all(window.dilation), groups: x[1])
    let f = try trace.finish([ends(y)])
    let inputs = [Compiled.sample(x)]
    let model = try Compiled.model(f)
    let expected = try Evaluator.run(f, inputs)
    let results = try [1, 2].map { try Compiled.run(model, f, inputs, threads: $0) }
    for result in results { #expect(Compiled.difference(result, expected) < 1e-4, "\(x) * \(window)") }
    #expect(
      Compiled.difference(results[0], results[1]) == 0, "the bits of \(x) * \(window) depend on the number of threads")
  }

  @Test(arguments: [true, false]) func windows(isStatic: Bool) throws {
    try check([1, 16, 7, 7], Window(kernel: 5, before: 2, after: 2), isStatic: isStatic)
    try check([2, 32, 14, 14], Window(kernel: 5, before: 2, after: 2), isStatic: isStatic)
    try check([1, 64, 15, 35], Window(kernel: 3, before: 1, after: 1), isStatic: isStatic)
    try check([1, 32, 18, 32], Window(kernel: 3, stride: 2, after: 1), isStatic: isStatic)
    try check([1, 16, 9, 29], Window(kernel: 5, stride: 2, before: 1, after: 2), isStatic: isStatic)
    try check([1, 16, 40, 12], Window(kernel: 3, before: 2, after: 2, dilation: 2), isStatic: isStatic)
  }

  @Test(arguments: [true, false]) func narrowImages(isStatic: Bool) throws {
    try check([1, 16, 1, 1], Window(kernel: 5, before: 2, after: 2), isStatic: isStatic)
    try check([3, 16, 3, 2], Window(kernel: 5, before: 2, after: 2), isStatic: isStatic)
    try check([1, 16, 2, 9], Window(kernel: 7, before: 6, after: 6), isStatic: isStatic)
    try check([0, 16, 6, 6], Window(kernel: 3, before: 1, after: 1), isStatic: isStatic)
  }

  @Test(arguments: [true, false]) func channelTails(isStatic: Bool) throws {
    try check([2, 3, 6, 20], Window(kernel: 3, before: 1, after: 1), isStatic: isStatic)
    try check([1, 83, 34, 11], Window(kernel: 3, stride: 2, before: 1, after: 1), isStatic: isStatic)
  }

  @Test(arguments: [true, false]) func lines(isStatic: Bool) throws {
    try check([2, 20, 37], Window(kernel: 9, before: 8), isStatic: isStatic)
    try check([1, 24, 50], Window(kernel: 4, stride: 3, before: 1, after: 2), isStatic: isStatic)
  }

  @Test(arguments: [true, false]) func longEpilogues(isStatic: Bool) throws {
    try check([1, 40, 12, 12], Window(kernel: 3, before: 1, after: 1), isStatic: isStatic) { $0.tanh() }
  }
}
