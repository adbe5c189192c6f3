import CompiledModels
import TensorIR
import TensorOps
import Testing

/// The gradients of convolutions against central differences, in f64 by the evaluator.
@Suite struct ConvolutionGradientTests {
  private func check(
    _ x: [Int], _ w: [Int], strides: [Int], before: [Int], after: [Int], dilations: [Int], groups: Int = 1
  ) throws {
    let trace = TraceRecorder(name: "f")
    let input = trace.parameter(TensorType(.f64, x.map { TensorIR.Dimension($0) }), name: "x")
    let filters = trace.parameter(TensorType(.f64, w.map { TensorIR.Dimension($0) }), name: "w")
    let bias = trace.parameter(TensorType(.f64, [TensorIR.Dimension(w[0])]), name: "b")
    let y = input.convolution(
      filters, bias: bias, strides: strides, before: before, after: after, dilations: dilations, groups: groups)
    let f = try trace.finish([(y * y).sum(axes: Array(0..<x.count))])
    let gradient = try Gradient.valueAndGradient(of: f, at: [0, 1, 2])
    let inputs = [Compiled.sample(x, .f64), Compiled.sample(w, seed: 3, .f64), Compiled.sample([w[0]], seed: 4, .f64)]
    let found = try Evaluator.run(gradient, inputs)
    for (number, input) in inputs.enumerated() {
      for place in Swift.stride(from: 0, to: input.count, by: 7) {
        func loss(_ change: Double) throws -> Double {
          var values = input.floats
          values[place] += change
          var moved = inputs
          moved[number] = ReferenceTensor(.f64, input.shape, floats: values)
          return try Evaluator.run(f, moved)[0].floats[0]
        }
        let expected = (try loss(1e-5) - loss(-1e-5)) / 2e-5
        let got = found[number + 1].floats[place]
        #expect(abs(got - expected) < 1e-5 * max(1, abs(expected)), "operand \(number) of \(x) * \(w) at \(place)")
      }
    }
  }

  @Test func againstCentralDifferences() throws {
    try check([2, 3, 6, 5], [4, 3, 3, 2], strides: [1, 1], before: [0, 0], after: [0, 0], dilations: [1, 1])
    try check([1, 2, 7, 8], [3, 2, 3, 3], strides: [2, 2], before: [1, 0], after: [1, 1], dilations: [1, 1])
    try check([2, 4, 9], [6, 2, 3], strides: [2], before: [2], after: [1], dilations: [2], groups: 2)
    try check(
      [1, 3, 5, 5], [3, 1, 3, 3], strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [1, 1], groups: 3)
  }
}
