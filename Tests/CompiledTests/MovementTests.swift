import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Kernels that move elements about, and reductions that are split between threads.
@Suite struct MovementTests {
  private let n = Dimension(symbol: "n")
  private let m = Dimension(symbol: "m")

  private func function(
    _ shapes: [[Dimension]], _ type: ElementType = .f32, _ body: ([Tensor]) -> [Tensor]
  ) throws -> Function {
    let trace = TraceRecorder(name: "f")
    return try trace.finish(body(shapes.map { trace.parameter(TensorType(type, $0)) }))
  }

  @Test func concatenations() throws {
    let inputs = [(0, 5), (1, 0), (3, 40), (2, 17)].map {
      [Compiled.sample([$0, $1, 3]), Compiled.sample([$0, 4, 3], seed: 2)]
    }
    try RowTests.check(
      try function([[n, m, 3], [n, 4, 3]]) { [Tensor.concat([$0[0], $0[1], $0[0]], axis: 1)] }, inputs)
    try RowTests.check(
      try function([[n, m, 3], [n, 4, 3]]) { [Tensor.concat([$0[0].exp(), $0[1] * $0[1]], axis: 1).relu()] }, inputs,
      kernels: 1)
    let rows = [(5, 33), (0, 2), (1, 1)].map { [Compiled.sample([$0, $1]), Compiled.sample([$0, 20], seed: 2)] }
    try RowTests.check(try function([[n, m], [n, 20]]) { [Tensor.concat($0, axis: 1)] }, rows)
    try RowTests.check(
      try function([[n, m], [n, 20]]) { [Tensor.concat([$0[1], $0[0], $0[1]], axis: -1).relu()] }, rows)
  }

  @Test func transpositions() throws {
    let sizes = [[0, 3], [1, 40], [16, 16], [33, 65], [130, 140]]
    for type in [ElementType.f32, .f64, .f16, .i64, .i8, .bool] {
      try RowTests.check(
        try function([[n, m]], type) { [$0[0].transposed([1, 0])] }, sizes.map { [Compiled.sample($0, type)] })
    }
    let cubes = [[2, 20, 35], [3, 16, 64], [1, 5, 7]].map { [Compiled.sample($0)] }
    for order in [[0, 2, 1], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
      try RowTests.check(
        try function([[n, m, Dimension(symbol: "k")]]) { [($0[0] + $0[0]).transposed(order).relu()] }, cubes)
    }
  }

  @Test func pads() throws {
    for mode in PadMode.allCases {
      for (before, after) in [(2, 1), (0, 3), (3, 0), (-1, 2), (2, -2)] {
        try RowTests.check(
          try function([[n, m]]) {
            [$0[0].padded(before: [1, Dimension(before)], after: [0, Dimension(after)], mode: mode, value: 3).relu()]
          }, [[2, 50], [5, 4], [3, 17]].map { [Compiled.sample($0)] })
      }
    }
  }

  @Test func gathers() throws {
    let trace = TraceRecorder(name: "f")
    let table = trace.parameter(TensorType(.f32, [100, m]))
    let places = trace.parameter(TensorType(.i64, [n]))
    let f = try trace.finish([table.gather(places)])
    let picked = ReferenceTensor(.i64, [6], integers: [5, 0, 99, -1, 5, 31])
    try RowTests.check(f, [1, 17, 64].map { [Compiled.sample([100, $0]), picked] })
  }

  @Test func splitReductions() throws {
    for sizes in [[0, 3], [1, 1], [70, 1000], [300, 7], [3, 70_000]] {
      let x = [Compiled.sample(sizes)]
      let all = try function([[n, m]]) {
        [$0[0].sum(axes: [0, 1]), ($0[0] * $0[0]).mean(axes: [0, 1], keepAxes: true)]
      }
      try RowTests.check(all, [x], within: 1e-3)
    }
    try RowTests.check(
      try function([[n, 7]]) {
        [($0[0] * $0[0]).sum(axes: [0]) + $0[0].like(1), $0[0].max(axes: [0], keepAxes: true)]
      },
      [0, 1, 5, 40_000].map { [Compiled.sample([$0, 7])] }, within: 1e-3)
    try RowTests.check(
      try function([[n, 20, 9, 11]]) { [$0[0].sum(axes: [0, 2, 3])] },
      [0, 1, 40].map { [Compiled.sample([$0, 20, 9, 11])] },
      within: 1e-3)
  }
}
