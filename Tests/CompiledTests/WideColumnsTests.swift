import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Reductions of long rows into one row: chunks of rows, blocks of columns, rows in groups.
@Suite struct WideColumnsTests {
  private let n = Dimension(symbol: "n")
  private let m = Dimension(symbol: "m")
  private let k = Dimension(symbol: "k")

  private func function(
    _ shape: [Dimension], _ type: ElementType = .f32, _ body: (Tensor) -> [Tensor]
  ) throws -> Function {
    let trace = TraceRecorder(name: "f")
    return try trace.finish(body(trace.parameter(TensorType(type, shape))))
  }

  /// No row, one, less than a group, one chunk, one row behind it, one behind several groups; columns beside vectors and
  /// blocks.
  static let sizes = [
    [0, 70], [1, 1025], [3, 1], [64, 100], [65, 129], [66, 1], [130, 17], [301, 1025], [2, 5000], [1027, 67], [70, 0],
    [4301, 33],
  ]

  @Test func symbolicExtents() throws {
    try RowTests.check(
      try function([n, m]) { [$0.sum(axes: [0])] }, Self.sizes.map { [Compiled.sample($0)] }, kernels: 1, within: 1e-3)
    try RowTests.check(
      try function([n, m]) { [$0.max(axes: [0], keepAxes: true)] }, Self.sizes.map { [Compiled.sample($0)] },
      within: 1e-9)
  }

  @Test func knownExtents() throws {
    for sizes in [[65, 1025], [1000, 130], [4099, 65], [16, 2049], [1024, 1024]] {
      let shape = sizes.map { Dimension($0) }
      try RowTests.check(
        try function(shape) { [$0.mean(axes: [0])] }, [[Compiled.sample(sizes)]], kernels: 1, within: 1e-3)
    }
  }

  @Test func elementTypes() throws {
    for type in [ElementType.f64, .f16, .bf16, .i8, .i16, .i32, .i64] {
      let inputs = [[65, 129], [131, 5], [300, 1030]].map { [Compiled.sample($0, type)] }
      let within = type == .f16 ? 2e-2 : type == .bf16 ? 1e-1 : 1e-3
      try RowTests.check(try function([n, m], type) { [$0.sum(axes: [0])] }, inputs, within: within)
      try RowTests.check(try function([n, m], type) { [$0.min(axes: [0])] }, inputs, within: 1e-2)
    }
  }

  @Test func otherAxes() throws {
    try RowTests.check(
      try function([k, n, m]) { [$0.sum(axes: [1])] },
      [[3, 70, 67], [0, 70, 67], [2, 0, 5], [1, 300, 1030], [70, 66, 3]].map { [Compiled.sample($0)] }, within: 1e-3)
    try RowTests.check(
      try function([k, n, m]) { [$0.sum(axes: [0, 1])] },
      [[3, 70, 67], [0, 70, 67], [200, 3, 65], [1, 300, 1030], [90, 66, 3]].map { [Compiled.sample($0)] }, within: 1e-3)
    try RowTests.check(
      try function([3, 70, 5, 67]) { [$0.sum(axes: [0, 2])] }, [[Compiled.sample([3, 70, 5, 67])]], within: 1e-3)
  }

  /// Several sums in one walk, with operations before and behind them.
  @Test func fused() throws {
    let f = try function([n, m]) { x in
      let (mean, square) = (x.mean(axes: [0]), (x * x).mean(axes: [0]))
      return [mean, (square - mean * mean).relu().sqrt(), (x + x.like(1)).max(axes: [0]) * x.like(2)]
    }
    try RowTests.check(f, Self.sizes.filter { $0[0] > 0 }.map { [Compiled.sample($0)] }, within: 1e-2)
  }

  @Test func notANumber() throws {
    var values = Compiled.sample([200, 131]).floats
    for place in [0, 130, 131 * 63 + 5, 131 * 64 + 6, 131 * 199 + 130] { values[place] = .nan }
    values[131 * 66 + 7] = .infinity
    let x = ReferenceTensor(.f32, [200, 131], floats: values)
    try RowTests.check(try function([n, m]) { [$0.max(axes: [0]), $0.sum(axes: [0])] }, [[x]], within: 1e-3)
  }

  /// Where whole rows are read: partial sums in an array, and threads that meet before these are combined.
  @Test func kernels() throws {
    func text(_ shape: [Dimension]) throws -> String {
      try Pipeline.compile(
        try function(shape) { [$0.sum(axes: [0])] }, PipelineOptions(target: .x86v4)
      ).text()
    }
    let wide: [[Dimension]] = [[1000, 1024], [65, 1000], [n, m], [n, 65], [65_536, m]]
    for shape in wide {
      let own = try text(shape)
      #expect(own.contains("barrier") && own.contains("array sums"), "\(shape)")
    }
    let narrow: [[Dimension]] = [[1000, 64], [15, 5000], [n, 64]]
    for shape in narrow { #expect(!(try text(shape)).contains("array sums"), "\(shape)") }
    #expect(!(try text([64, 1000])).contains("barrier"))
  }
}
