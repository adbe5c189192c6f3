import CompiledModels
import TensorCodegenC
import TensorIR
import TensorOps
import TensorRuntime
import Testing

@testable import TensorPasses

/// Matrix products in every way in which a panel and a tile can be cut, with what is fused behind them.
@Suite struct TileTests {
  enum Ending: String, CaseIterable { case nothing, short, residual, long }

  /// Checks sizes m × k × n: one function for all of them, or with `isStatic` one for each.
  private func check(_ sizes: [(Int, Int, Int)], _ ending: Ending, isStatic: Bool) throws {
    var shared: (Function, Model)?
    for (m, k, n) in sizes {
      let (f, model) = try shared ?? compiled(m, k, n, ending, isStatic: isStatic)
      if !isStatic { shared = (f, model) }
      let inputs = [[m, k], [k, n], [n], [m, n]].enumerated().map { Compiled.sample($1, seed: $0 + 1) }
      let expected = try Evaluator.run(f, inputs)
      let results = try [1, 2].map { try Compiled.run(model, f, inputs, threads: $0) }
      for result in results { #expect(Compiled.difference(result, expected) < 1e-4, "\(m)×\(k)×\(n) \(ending)") }
      #expect(
        Compiled.difference(results[0], results[1]) == 0, "the bits of \(m)×\(k)×\(n) depend on the number of threads")
    }
  }

  private func compiled(_ m: Int, _ k: Int, _ n: Int, _ ending: Ending, isStatic: Bool) throws -> (Function, Model) {
    let trace = TraceRecorder(name: "f")
    func extent(_ size: Int, _ name: String) -> Dimension { isStatic ? Dimension(size) : Dimension(symbol: name) }
    let (rows, steps, columns) = (extent(m, "m"), extent(k, "k"), extent(n, "n"))
    let a = trace.parameter(TensorType(.f32, [rows, steps]), name: "a")
    let b = trace.parameter(TensorType(.f32, [steps, columns]), name: "b")
    let c = trace.parameter(TensorType(.f32, [columns]), name: "c")
    let r = trace.parameter(TensorType(.f32, [rows, columns]), name: "r")
    let product = a.matmul(b)
    let result =
      switch ending {
      case .nothing: product + r.like(0)
      case .short: (product + c).relu()
      case .residual: (product + c).clip(minimum: -1, maximum: 6) + r
      case .long: (product + c).tanh() + r
      }
    let f = try trace.finish([result])
    return (f, try Compiled.model(f))
  }

  @Test(arguments: Ending.allCases) func cutPanels(ending: Ending) throws {
    try check([1, 16, 17, 32, 47, 64, 72].map { (25, 9, $0) }, ending, isStatic: false)
    try check([16, 30, 47, 64, 72].map { (25, 9, $0) }, ending, isStatic: true)
  }

  @Test(arguments: Ending.allCases) func fewRows(ending: Ending) throws {
    let sizes = [(1, 21, 31), (1, 21, 64), (2, 20, 65), (3, 2, 96), (5, 7, 48), (6, 3, 130), (7, 1, 40)]
    try check(sizes, ending, isStatic: false)
    try check([(1, 21, 80), (4, 9, 72)], ending, isStatic: true)
  }

  /// Sums over a left operand that lies across, by blocks of steps; the last one may be shorter, and short sums have none.
  @Test(arguments: [8, 9, 21, 7, 0]) func sumsInBlocks(steps: Int) throws {
    var target = try LibraryCompiler().toolchain.native
    target.tuning.products.stepsOfBlock = 4
    target.tuning.products.bytesOfSums = 3 * 12 * 32 * 4
    for isStatic in [true, false] {
      let trace = TraceRecorder(name: "f")
      let extent = isStatic ? Dimension(steps) : Dimension(symbol: "k")
      let a = trace.parameter(TensorType(.f32, [extent, 25]), name: "a")
      let b = trace.parameter(TensorType(.f32, [extent, 39]), name: "b")
      let c = trace.parameter(TensorType(.f32, [39]), name: "c")
      let f = try trace.finish([(a.transposed([1, 0]).matmul(b) + c).tanh()])
      let model = try Compiled.model(f, target: target, work: 2_000_000)
      let inputs = [[steps, 25], [steps, 39], [39]].enumerated().map { Compiled.sample($1, seed: $0 + 1) }
      let expected = try Evaluator.run(f, inputs)
      let results = try [1, 2, 3].map { try Compiled.run(model, f, inputs, threads: $0) }
      for result in results {
        #expect(Compiled.difference(result, expected) < 1e-4 && Compiled.difference(result, results[0]) == 0)
      }
    }
  }

  @Test func nothingToDo() throws {
    try check([(1, 0, 40), (13, 0, 40), (4, 5, 0), (13, 5, 0), (0, 4, 40)], .short, isStatic: false)
  }

  /// Batches whose right operands differ are blocks; a block may have no row.
  @Test func blocks() throws {
    let trace = TraceRecorder(name: "f")
    let (m, n) = (Dimension(symbol: "m"), Dimension(symbol: "n"))
    let a = trace.parameter(TensorType(.f32, [3, m, 6]), name: "a")
    let b = trace.parameter(TensorType(.f32, [3, 6, n]), name: "b")
    let f = try trace.finish([a.matmul(b).relu()])
    let model = try Compiled.model(f)
    for (m, n) in [(1, 1), (13, 40), (0, 5), (5, 0), (30, 33)] {
      let inputs = [Compiled.sample([3, m, 6]), Compiled.sample([3, 6, n], seed: 2)]
      let difference = Compiled.difference(try Compiled.run(model, f, inputs, threads: 2), try Evaluator.run(f, inputs))
      #expect(difference < 1e-4, "\(m)×\(n)")
    }
  }
}
