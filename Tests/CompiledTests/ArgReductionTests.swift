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
}
