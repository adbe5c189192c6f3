import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Where the greatest and least elements are, ties and NaN included.
@Suite struct ArgReductionTests {
  private func check(
    _ shape: [Dimension], _ axis: Int, _ type: ElementType, _ inputs: [ReferenceTensor], kernels: Int?
  ) throws {
    let trace = TraceRecorder(name: "f")
    let x = trace.parameter(TensorType(type, shape))
    let f = try trace.finish([
      x.argMax(axis: axis), x.argMin(axis: axis, keepAxes: true), x.argMax(axis: axis, selectLast: true),
      x.argMin(axis: axis, selectLast: true),
    ])
    try RowTests.check(f, inputs.map { [$0] })
    if let kernels {
      let single = TraceRecorder(name: "f")
      let y = single.parameter(TensorType(type, shape))
      #expect(try RowTests.kernels(single.finish([y.argMax(axis: axis)])) == kernels)
    }
  }

  /// Few different values, so that many are equal; in floats also NaN.
  private func ties(_ shape: [Int], _ type: ElementType) -> ReferenceTensor {
    let sample = Compiled.sample(shape, type)
    if !type.isFloat { return ReferenceTensor(type, shape, integers: sample.integers.map { $0 / 8 }) }
    let values = sample.floats.enumerated().map { $0 % 50 == 33 ? Double.nan : ($1 * 2).rounded() }
    return ReferenceTensor(type, shape, floats: values)
  }

  @Test func places() throws {
    let n = Dimension(symbol: "n")
    let m = Dimension(symbol: "m")
    for type in [ElementType.f32, .f64, .f16, .i64, .i32, .u8] {
      try check([n, 37], 1, type, [0, 1, 5].map { ties([$0, 37], type) }, kernels: 1)
      try check([n, m], 1, type, [ties([3, 70], type), ties([2, 1], type)], kernels: 1)
      try check([n, 21, 40], 1, type, [ties([2, 21, 40], type)], kernels: nil)
    }
  }

  /// Down columns: whole blocks of vectors, single vectors, and lanes at the end.
  @Test func columns() throws {
    let (n, m) = (Dimension(symbol: "n"), Dimension(symbol: "m"))
    for type in [ElementType.f32, .f64, .bf16, .i64, .i32, .i8] {
      let inputs = [[70, 150], [3, 64], [1, 17], [40, 1], [2, 0], [33, 67]].map { ties($0, type) }
      try check([n, m], 0, type, inputs, kernels: 1)
      try check([n, 5, 67], 1, type, [ties([3, 5, 67], type)], kernels: 1)
    }
    try check([1024, 65], 0, .f32, [ties([1024, 65], .f32)], kernels: 1)
  }

  /// Values and 32-bit places lie side by side in vectors, also where an extent is not known or places leave as 64 bits.
  @Test func vectors() throws {
    let (n, m) = (Dimension(symbol: "n"), Dimension(symbol: "m"))
    for (shape, axis) in [([n, m], 1), ([n, m], 0), ([512, 512], 0), ([n, 7, 40], 1), ([8, m], 1)] {
      let trace = TraceRecorder(name: "f")
      let f = try trace.finish([trace.parameter(TensorType(.f32, shape)).argMax(axis: axis)])
      let text = try Pipeline.compile(f, PipelineOptions(target: .x86v4)).text()
      #expect(text.contains(": f32x16 = ") && text.contains(": i32x16 = "), "\(shape) \(axis)")
      for line in text.split(separator: "\n") where line.contains("var ") {
        #expect(line.contains("x16 = "), "\(shape) \(axis): \(line)")
      }
    }
  }

  /// Places of an axis of unknown length must fit 32 bits.
  @Test func longAxes() throws {
    let trace = TraceRecorder(name: "f")
    let f = try trace.finish([trace.parameter(TensorType(.i8, [Dimension(symbol: "n")])).argMax(axis: 0)])
    let lines = try Pipeline.compile(f, PipelineOptions(target: .x86v4)).text().split(separator: "\n")
    #expect(lines.contains { $0.contains("requires") && $0.contains("at most 2147483647 places") })
  }
}
