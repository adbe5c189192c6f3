import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Groups of several reductions that become one walk over rows.
@Suite struct RowTests {
  /// Compares with the evaluator at several sizes, and the bits at several numbers of threads.
  static func check(
    _ function: Function, _ inputs: [[ReferenceTensor]], kernels: Int? = nil, within tolerance: Double = 1e-5
  ) throws {
    let model = try Compiled.model(function)
    if let kernels { #expect(try Self.kernels(function) == kernels) }
    for list in inputs {
      let results = try [1, 2, 4].map { try Compiled.run(model, function, list, threads: $0) }
      let sizes = list.map(\.shape)
      #expect(Compiled.difference(results[0], try Evaluator.run(function, list)) < tolerance, "\(sizes)")
      #expect(
        results[1].map(\.floats) == results[0].map(\.floats)
          || results[0].contains { $0.floats.contains(where: \.isNaN) })
      #expect(results[2].map(\.integers) == results[0].map(\.integers), "\(sizes)")
      #expect(
        results[2].map(\.floats) == results[0].map(\.floats)
          || results[0].contains { $0.floats.contains(where: \.isNaN) })
    }
  }

  static func kernels(_ function: Function) throws -> Int {
    let compiler = try Pipeline.compile(function, PipelineOptions(target: .x86v4))
    return compiler.steps.count { if case .call = $0 { true } else { false } }
  }

  private func rows(_ shape: [Dimension], _ type: ElementType = .f32, _ body: (Tensor) -> Tensor) throws -> Function {
    let trace = TraceRecorder(name: "f")
    return try trace.finish([body(trace.parameter(TensorType(type, shape), name: "x"))])
  }

  private let n = Dimension(symbol: "n")
  private let m = Dimension(symbol: "m")

  @Test func softmax() throws {
    let sizes = [[0, 5], [3, 1], [4, 0], [7, 5], [3, 16], [2, 17], [5, 1000], [1, 63], [2, 64], [2, 129]]
    let inputs = sizes.map { [Compiled.sample($0)] }
    try Self.check(try rows([n, m]) { $0.softmax() }, inputs, kernels: 1)
    try Self.check(try rows([n, m]) { $0.logSoftmax() }, inputs, kernels: 1)
    try Self.check(try rows([n, 5]) { $0.softmax() }, [[Compiled.sample([6, 5])]], kernels: 1)
    try Self.check(try rows([3, 1000]) { $0.softmax() }, [[Compiled.sample([3, 1000])]], kernels: 1)
    let s = Dimension(symbol: "s")
    try Self.check(
      try rows([n, m, s, s]) { $0.softmax() },
      [[Compiled.sample([2, 3, 20, 20])], [Compiled.sample([1, 2, 33, 33])]],
      kernels: 1)
  }

  @Test func softmaxOfOtherTypes() throws {
    for (type, tolerance) in [(ElementType.f64, 1e-6), (.f16, 2e-3), (.bf16, 2e-2)] {
      try Self.check(
        try rows([n, m], type) { $0.softmax() }, [[3, 5], [2, 100]].map { [Compiled.sample($0, type)] }, kernels: 1,
        within: tolerance)
    }
  }

  @Test func softmaxAcrossColumns() throws {
    try Self.check(
      try rows([n, 7, m]) { $0.softmax(axis: 1) },
      [[2, 7, 1], [1, 7, 100], [3, 7, 64], [2, 7, 130], [0, 7, 3]].map { [Compiled.sample($0)] }, kernels: 1)
  }

  @Test func layerNorm() throws {
    for width in [5, 384, 1000] {
      let trace = TraceRecorder(name: "f")
      let size = Dimension(width)
      let x = trace.parameter(TensorType(.f32, [n, size]), name: "x")
      let (scale, bias) = (trace.parameter(TensorType(.f32, [size])), trace.parameter(TensorType(.f32, [size])))
      let sum = x + x.like(1)
      let f = try trace.finish([sum.layerNorm(scale: scale, bias: bias), sum])
      try Self.check(
        f,
        [0, 1, 9].map {
          [Compiled.sample([$0, width]), Compiled.sample([width], seed: 2), Compiled.sample([width], seed: 3)]
        },
        kernels: 1, within: 1e-4)
    }
    try Self.check(
      try rows([n, 3, m]) { $0.layerNorm(scale: $0.like(2), axis: 1) },
      [[2, 3, 21], [1, 3, 1]].map { [Compiled.sample($0)] },
      kernels: 1, within: 1e-4)
  }

  @Test func rootMeanSquare() throws {
    try Self.check(
      try rows([n, m]) { x in
        let mean = (x * x).mean(axes: [1])
        let factor = (mean + mean.like(1e-5)).sqrt().reciprocal().unsqueezed(axes: [1]).broadcast(to: x.shape)
        return x * factor
      }, [[3, 40], [2, 5]].map { [Compiled.sample($0)] }, kernels: 1)
  }

  /// A norm over axis 1 of three as exporters write it, from the sums of elements and of squares.
  private func exporterNorm(_ x: Tensor) -> Tensor {
    let (b, k, c) = (x.shape[0], x.shape[1], x.shape[2])
    let scale = x.like(1.0 / Double(k.constant ?? 1))
    let mean = x.sum(axes: [1]) * scale
    let squares = (x * x).sum(axes: [1]) * scale
    let variance = Tensor.maximum(squares - mean * mean, x.like(0)) + x.like(1e-5)
    let factor = variance.sqrt().reciprocal()
    let shift = mean * factor
    func wide(_ t: Tensor) -> Tensor { t.reshaped(to: [b, 1, c]).broadcast(to: [b, k, c]) }
    return x * wide(factor) - wide(shift)
  }

  @Test func exporterNorms() throws {
    try Self.check(
      try rows([n, 512, 256]) { exporterNorm($0) }, [[Compiled.sample([2, 512, 256])]], kernels: 1, within: 1e-4)
    try Self.check(
      try rows([n, 20, m]) { exporterNorm($0) },
      [[1, 20, 70], [3, 20, 5], [2, 20, 0]].map { [Compiled.sample($0)] },
      kernels: 1, within: 1e-4)
  }

  @Test func notANumber() throws {
    var values = Compiled.sample([4, 37]).floats
    values[5] = .nan
    values[40] = .infinity
    values[80] = -.infinity
    let x = ReferenceTensor(.f32, [4, 37], floats: values)
    try Self.check(try rows([n, m]) { $0.max(axes: [1]) }, [[x]])
    try Self.check(try rows([n, m]) { $0.min(axes: [0]) }, [[x]])
    let trace = TraceRecorder(name: "f")
    let y = trace.parameter(TensorType(.f32, [n, m]))
    try Self.check(
      try trace.finish([y.max(axes: [1]), y.sum(axes: [1], keepAxes: true), (y * y).sum(axes: [1])]), [[x]])
  }
}
