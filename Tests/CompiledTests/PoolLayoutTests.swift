import CompiledModels
import TensorIR
import TensorOps
import Testing

@testable import TensorPasses

/// Pools between convolutions: they work in the layout that convolutions leave, with channels innermost.
@Suite struct PoolLayoutTests {
  private static let windows: [Window] = [
    Window(kernel: [3, 3], strides: [2, 2], before: [1, 1], after: [1, 1]),
    Window(kernel: [3, 2], strides: [2, 1], before: [1, 0], after: [0, 1], ceilMode: true),
    Window(kernel: [2, 2], dilations: [2, 3]),
  ]

  /// Convolution, pool, convolution over an image of odd sizes, which are symbols if asked for.
  private func function(_ pool: (Tensor) -> Tensor, isSymbolic: Bool) throws -> Function {
    let trace = TraceRecorder(name: "f")
    let sides = isSymbolic ? [Dimension(symbol: "h"), Dimension(symbol: "w")] : [13, 17]
    let x = trace.parameter(TensorType(.f32, [2, 5] + sides), name: "x")
    func filters(_ shape: [Int]) -> Tensor {
      trace.record(Constant(Compiled.sample(shape, seed: 5).literal), [], at: .unknown)[0]
    }
    func convolution(_ x: Tensor, _ shape: [Int]) -> Tensor {
      x.convolution(
        filters(shape), bias: filters([shape[0]]), strides: [1, 1], before: [1, 1], after: [1, 1], dilations: [1, 1],
        groups: 1)
    }
    let first = convolution(x, [21, 5, 3, 3]).relu()
    return try trace.finish([convolution(pool(first), [7, 21, 3, 3])])
  }

  private func check(_ function: Function, _ comment: Comment) throws {
    let lowered = try Pipeline.rewrite(function, PipelineOptions(target: .x86v4), to: .layout)
    let names = lowered.body.operations.map(\.op.name)
    let pool = try #require(names.firstIndex { $0.hasSuffix("_pool") }, comment)
    let (first, last) = (names.firstIndex(of: "convolution") ?? pool, names.lastIndex(of: "convolution") ?? pool)
    #expect(first < pool && pool < last && !names[first...last].contains("reorder"), comment)
    #expect(lowered[lowered.body.operations[pool].results[0]].type.layout == .channelsLast(rank: 4), comment)
    let inputs = [Compiled.sample([2, 5, 13, 17])]
    let expected = try Evaluator.run(function, inputs)
    #expect(Compiled.difference(try Compiled.run(function, inputs), expected) < 1e-3, comment)
  }

  @Test(arguments: windows, [false, true]) func poolsKeepTheLayoutOfConvolutions(
    window: Window, isSymbolic: Bool
  ) throws {
    try check(try function({ $0.maxPool(window) }, isSymbolic: isSymbolic), "max \(window)")
    try check(try function({ $0.averagePool(window) }, isSymbolic: isSymbolic), "average \(window)")
    let padded = try function({ $0.averagePool(window, countIncludePad: true) }, isSymbolic: isSymbolic)
    try check(padded, "average with padding, \(window)")
  }

  /// The kernel's vectors run along the channels, and a window that lies inside has loops of constant length.
  @Test func vectorsRunAlongChannels() throws {
    let f = try function({ $0.maxPool(PoolLayoutTests.windows[0]) }, isSymbolic: false)
    let program = try Pipeline.compile(f, PipelineOptions(target: .x86v4))
    let kernel = try #require(program.kernels.first { $0.name.contains("max_pool") })
    let loads = vectors(kernel.body).filter { $0.name == "v" }
    // Neighbours along a row would lie two elements apart, as the window's stride is 2.
    #expect(!loads.isEmpty && loads.allSatisfy(\.isContiguous), "\(kernel.name) reads \(loads)")
  }

  /// The variables that are vectors, and whether they are neighbouring elements in memory.
  private func vectors(_ statements: [Statement]) -> [(name: String, isContiguous: Bool)] {
    statements.flatMap { statement -> [(name: String, isContiguous: Bool)] in
      switch statement {
      case .declare(let variable, .load, _), .declare(let variable, .loadPartial, _):
        variable.type.lanes > 1 ? [(variable.name, true)] : []
      case .declare(let variable, _, _): variable.type.lanes > 1 ? [(variable.name, false)] : []
      case .loop(let loop): vectors(loop.body)
      case .branch(_, let then, let otherwise): vectors(then) + vectors(otherwise)
      default: []
      }
    }
  }
}
