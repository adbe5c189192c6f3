import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

@Suite struct FirstTests {
  @Test func sumOfThree() throws {
    let trace = TraceRecorder(name: "f")
    let n = Dimension(symbol: "n")
    let x = trace.parameter(TensorType(.f32, [n, 5]), name: "x")
    let y = trace.parameter(TensorType(.f32, [5]), name: "y")
    let f = try trace.finish([(x + y).relu() * x])
    for size in [0, 1, 3, 7, 64, 1001] {
      let inputs = [Compiled.sample([size, 5]), Compiled.sample([5], seed: 2)]
      let difference = Compiled.difference(try Compiled.run(f, inputs), try Evaluator.run(f, inputs))
      #expect(difference < 1e-6, "n = \(size)")
    }
  }

  @Test func sums() throws {
    let trace = TraceRecorder(name: "f")
    let n = Dimension(symbol: "n")
    let x = trace.parameter(TensorType(.f32, [n, 37, 21]), name: "x")
    let f = try trace.finish([
      (x * x).sum(axes: [2]), x.sum(axes: [1]), x.sum(axes: [0, 1]), x.sum(axes: [0, 2]) + x.like(1),
    ])
    let model = try Compiled.model(f)
    for size in [0, 1, 5] {
      let inputs = [Compiled.sample([size, 37, 21])]
      let difference = Compiled.difference(
        try Compiled.run(model, f, inputs, threads: 2), try Evaluator.run(f, inputs))
      #expect(difference < 1e-5, "n = \(size)")
    }
  }

  @Test func products() throws {
    let trace = TraceRecorder(name: "f")
    let (m, k, n) = (Dimension(symbol: "m"), Dimension(symbol: "k"), Dimension(symbol: "n"))
    let a = trace.parameter(TensorType(.f32, [m, k]), name: "a")
    let b = trace.parameter(TensorType(.f32, [k, n]), name: "b")
    let c = trace.parameter(TensorType(.f32, [n]), name: "c")
    let f = try trace.finish([(a.matmul(b) + c).relu()])
    let model = try Compiled.model(f)
    for (m, k, n) in [(1, 1, 1), (5, 3, 2), (13, 17, 33), (25, 70, 100), (40, 0, 7), (0, 3, 3), (100, 128, 48)] {
      let inputs = [Compiled.sample([m, k]), Compiled.sample([k, n], seed: 2), Compiled.sample([n], seed: 3)]
      for threads in [1, 2, 4] {
        let difference = Compiled.difference(
          try Compiled.run(model, f, inputs, threads: threads), try Evaluator.run(f, inputs))
        #expect(difference < 1e-4, "\(m)×\(k)×\(n) at \(threads) threads")
      }
    }
  }
}
