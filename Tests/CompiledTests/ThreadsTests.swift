import CompiledModels
import Foundation
import TensorIR
import TensorOps
import TensorRuntime
import Testing

/// The same bits at one, two and four threads: a real team of four, on any machine.
@Suite struct ThreadsTests {
  @Test func sameBits() throws {
    let trace = TraceRecorder(name: "threads")
    let x = trace.parameter(TensorType(.f32, [100_003]))
    let rows = trace.parameter(TensorType(.f32, [301, 67]))
    let places = trace.parameter(TensorType(.i64, [100_003]))
    let state = trace.parameter(TensorType(.u32, [6]))
    let wide = trace.parameter(TensorType(.f32, [Dimension(symbol: "n"), Dimension(symbol: "m")]))
    let images = trace.parameter(TensorType(.f32, [2, 3, 45, 77]))
    let window = Window(kernel: [3, 3], strides: [2, 2], before: [1, 1], after: [1, 1])
    let function = try trace.finish([
      x.sum(axes: [0]), x.mean(axes: [0]), (x * x).max(axes: [0]), rows.sum(axes: [0]), rows.sum(axes: [1]),
      rows.softmax(axis: 1), rows.softmax(axis: 0), x.sorted(), x.argSort(), rows.sorted(axis: 1),
      rows.argSort(axis: 0),
      x.topK(9).values, x.cumulativeSum(axis: 0), x.cumulativeMax(axis: 0), rows.cumulativeSum(axis: 0),
      rows.full(0, [97]).putAlong(places, values: x, axis: 0, reduction: .add),
      rows.full(1, [97]).putAlong(places, values: x, axis: 0, reduction: .replace),
      rows.full(1, [97]).indexAdd(places, values: x),
      state.randomUniform([5_003], .f32), state.randomBits([77, 13]),
      wide.sum(axes: [0]), (wide * wide).mean(axes: [0]), wide.max(axes: [0]),
      images.maxPool(window), images.averagePool(window), images.averagePool(Window(kernel: [2, 5], after: [0, 3])),
    ])
    let numbers = Compiled.sample([100_003])
    let inputs = [
      numbers, Compiled.sample([301, 67], seed: 2),
      ReferenceTensor(.i64, [100_003], integers: (0..<100_003).map { ($0 * 31) % 97 }),
      ReferenceTensor(.u32, [6], integers: [1, 2, 3, 4, 5, 6]),
      Compiled.sample([1029, 1101], seed: 3),
      Compiled.sample([2, 3, 45, 77], seed: 3),
    ]
    let model = try Compiled.modelForFour(function)
    let arrays = try inputs.map(Compiled.array)
    // Scratch is planned for each thread: it is a team of four that runs.
    let scratch = try [2, 4].map { threads in
      let context = model.makeContext(threads: threads)
      _ = try context.run(arrays)
      return context.workspaceByteCount
    }
    #expect(scratch[1] > scratch[0])
    let one = try bytes(model.run(arrays, threads: 1))
    for threads in [2, 4] {
      let found = try bytes(model.run(arrays, threads: threads))
      for (number, (a, b)) in zip(found, one).enumerated() {
        #expect(a == b, "result \(number) has other bits with \(threads) threads")
      }
    }
  }

  private func bytes(_ outputs: [HostArray]) throws -> [Data] {
    try outputs.map { try $0.withUnsafeBytes { Data($0) } }
  }
}
